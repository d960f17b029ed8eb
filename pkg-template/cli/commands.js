/** What each command does. Each answers with what goes to stdout, or with nothing. */

import { accountToUse, isCalled, signedIn } from "./accounts.js";
import { quote, UsageError } from "./arguments.js";
import { createCredential } from "./credential.js";

/**
 * @typedef {object} Context
 * @property {import("./terminal.js").Terminal} terminal
 * @property {AbortSignal} signal aborted by Ctrl-C
 * @property {(line: string) => void} warn tells the user of what went wrong though the command goes on
 * @property {ReadonlySet<string>} warnings the lines so far
 */

export const COMMANDS = {
  token: { run: token },
  login: { run: login },
  logout: { run: logout },
};

/**
 * @param {Record<string, any>} options
 * @param {Context} context
 */
async function token(options, context) {
  const { cache, claims, output, scope, username } = options;
  if (!scope) {
    throw new UsageError(
      "no scope is given: say what the token is for, such as --scope https://graph.microsoft.com/.default",
    );
  }
  const credential = createCredential(options, context, {
    authenticationRecord: cache && (await accountToUse(options, context)),
    disableAutomaticAuthentication: username !== undefined,
  });
  try {
    const callOptions = { claims, abortSignal: context.signal };
    const found = await (username === undefined
      ? credential.getToken(scope, callOptions)
      : tokenOf(username, credential, scope, callOptions));
    return output === "json" ? JSON.stringify(found) : found.token;
  } finally {
    credential.close();
  }
}

/** Nobody's token but this user's: whoever uses it would act in somebody else's name. */
async function tokenOf(username, credential, scope, callOptions) {
  try {
    return await credential.getToken(scope, callOptions);
  } catch (error) {
    if (error?.name !== "AuthenticationRequiredError") throw error;
  }
  expectUser(await credential.authenticate(scope, callOptions), username);
  // The one that the sign-in brought. With the claims, another would be got.
  return credential.getToken(scope, { abortSignal: callOptions.abortSignal });
}

/**
 * @param {Record<string, any>} options
 * @param {Context} context
 */
async function login(options, context) {
  const { cache, claims, output, scope: scopes, username } = options;
  if (output === "token") {
    throw new UsageError("login prints a record, which is JSON: use the command token for a token");
  }
  const credential = createCredential(options, context);
  try {
    const record = await credential.authenticate({ scopes, claims, abortSignal: context.signal });
    if (username !== undefined) expectUser(record, username);
    if (cache) await expectKept(record, options, context);
    context.terminal.finish(`Signed in as ${record.username}, tenant ${record.tenantId}.`);
    return record.serialize();
  } finally {
    credential.close();
  }
}

function expectUser(record, username) {
  if (isCalled(record, username)) return;
  throw new Error(
    `${record.username} signed in, and not ${username}. ` +
      `Sign in again as ${username}, or use --username ${record.username}.`,
  );
}

/** Whoever signs in for later runs would be asked again by each, and scripts would wait for somebody who is not there. */
async function expectKept({ homeAccountId, username }, { username: _, ...options }, context) {
  const accounts = await signedIn(options, context);
  if (accounts.some((account) => account.homeAccountId === homeAccountId)) return;
  throw new Error(
    `${username} signed in, but the cache ${quote(options.cache)} does not keep the sign-in.`,
  );
}

/**
 * @param {Record<string, any>} options
 * @param {Context} context
 */
async function logout(options, context) {
  const { terminal, warnings } = context;
  const { cache, username } = options;
  if (!cache) {
    return terminal.finish(
      "No sign-in is kept between runs unless --cache is given: there is nothing to forget.",
    );
  }
  const accounts = await signedIn(options, context);
  for (const authenticationRecord of accounts) {
    const credential = createCredential(options, context, { authenticationRecord });
    try {
      await credential.removeAccount();
    } finally {
      credential.close();
    }
    terminal.print(`Signed out ${authenticationRecord.username}.`);
  }
  if (warnings.size > 0) {
    throw new Error("The cache could not be read as a whole: it may still hold sign-ins.");
  }
  if (accounts.length === 0) {
    const whom = username === undefined ? "Nobody" : `Nobody called ${quote(username)}`;
    terminal.print(`${whom} is signed in to this application in the cache ${quote(cache)}.`);
  }
}
