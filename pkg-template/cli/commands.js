/** What each command does. Each answers with what goes to stdout, or with nothing. */

import { AuthenticationRequiredError } from "entra-device-code";
import { accountToUse, isCalled, signedIn } from "./accounts.js";
import { quote, UsageError } from "./arguments.js";
import { completion } from "./completion.js";
import { createCredential } from "./credential.js";
import { SignInRequired } from "./failure.js";
import { expectToKeep } from "./keeping.js";
import { printable } from "./terminal.js";

/**
 * @import { AuthenticationRecord, DeviceCodeCredential, GetTokenOptions } from "entra-device-code"
 */

/**
 * @typedef {object} Context
 * @property {import("./terminal.js").Terminal} terminal
 * @property {import("./waiting.js").Waiting} waiting
 * @property {AbortSignal} signal aborted by Ctrl-C
 * @property {(line: string) => void} warn tells the user of what went wrong though the command goes on
 * @property {ReadonlySet<string>} warnings the lines so far
 */

/**
 * @param {Required<Pick<import("./arguments.js").CommandLine, "command">> & import("./arguments.js").CommandLine} commandLine
 * @param {Context} context
 * @returns {Promise<string | void>}
 */
export async function perform({ command, options, shell = "" }, context) {
  switch (command) {
    case "token":
      return token(options, context);
    case "login":
      return login(options, context);
    case "logout":
      return logout(options, context);
    case "accounts":
      return accounts(options, context);
    case "completion":
      return completion(shell);
  }
}

/**
 * @param {import("./arguments.js").Options} options
 * @param {Context} context
 */
async function token(options, context) {
  const { cache, claims, "no-prompt": isSilent = false, output, scope, username } = options;
  if (!scope) {
    throw new UsageError(
      "no scope is given: say what the token is for, such as --scope https://graph.microsoft.com/.default",
    );
  }
  const credential = createCredential(options, context, {
    authenticationRecord: cache ? await accountToUse(options, context) : undefined,
    disableAutomaticAuthentication: isSilent || username !== undefined,
  });
  try {
    const callOptions = { claims, abortSignal: context.signal };
    const found = await (isSilent || username === undefined
      ? credential.getToken(scope, callOptions)
      : tokenOf(username, credential, scope, callOptions));
    return output === "json" ? JSON.stringify(found) : found.token;
  } catch (error) {
    throw isSilent && error instanceof AuthenticationRequiredError
      ? new SignInRequired(error)
      : error;
  } finally {
    credential.close();
  }
}

/**
 * Nobody's token but this user's: whoever uses it would act in somebody else's name.
 *
 * @param {string} username
 * @param {DeviceCodeCredential} credential
 * @param {string[]} scope
 * @param {GetTokenOptions} callOptions
 */
async function tokenOf(username, credential, scope, callOptions) {
  try {
    return await credential.getToken(scope, callOptions);
  } catch (error) {
    if (!(error instanceof AuthenticationRequiredError)) throw error;
  }
  expectUser(await credential.authenticate(scope, callOptions), username);
  // The one that the sign-in brought. With the claims, another would be got.
  return credential.getToken(scope, { abortSignal: callOptions.abortSignal });
}

/**
 * @param {import("./arguments.js").Options} options
 * @param {Context} context
 */
async function login(options, context) {
  const { cache, claims, output, scope: scopes, username } = options;
  if (output === "token") {
    throw new UsageError("login prints a record, which is JSON: use the command token for a token");
  }
  const credential = createCredential(options, context);
  try {
    if (cache) await expectToKeep(cache, options, context);
    const record = await credential.authenticate({ scopes, claims, abortSignal: context.signal });
    if (username !== undefined) expectUser(record, username);
    if (cache) await expectKept(record, cache, options, context);
    context.terminal.finish(`Signed in as ${record.username}, tenant ${record.tenantId}.`);
    return record.serialize();
  } finally {
    credential.close();
  }
}

/**
 * @param {AuthenticationRecord} record
 * @param {string} username
 */
function expectUser(record, username) {
  if (isCalled(record, username)) return;
  throw new Error(
    `${record.username} signed in, and not ${username}. ` +
      `Sign in again as ${username}, or use --username ${record.username}.`,
  );
}

/**
 * Whoever signs in for later runs would be asked again by each, and scripts would wait for somebody who is not there.
 *
 * @param {AuthenticationRecord} record
 * @param {string} cache
 * @param {import("./arguments.js").Options} options
 * @param {Context} context
 */
async function expectKept({ homeAccountId, username }, cache, options, context) {
  const accounts = await signedIn({ ...options, username: undefined }, context);
  if (accounts.some((account) => account.homeAccountId === homeAccountId)) return;
  throw new Error(
    `${username} signed in, but the cache ${quote(cache)} does not keep the sign-in.`,
  );
}

/**
 * @param {import("./arguments.js").Options} options
 * @param {Context} context
 */
async function logout(options, context) {
  const { terminal, warnings } = context;
  const { cache } = options;
  if (!cache) {
    return terminal.finish(
      "No sign-in is kept between runs unless --cache is given: there is nothing to forget.",
    );
  }
  const found = await signedIn(options, context);
  const credential = createCredential(options, context);
  try {
    for (const account of found) {
      await credential.removeAccount(account);
      terminal.print(`Signed out ${account.username}.`);
    }
  } finally {
    credential.close();
  }
  if (warnings.size > 0) {
    throw new Error("The cache could not be read as a whole: it may still hold sign-ins.");
  }
  if (found.length === 0) terminal.finish(nobody(options));
}

/**
 * @param {import("./arguments.js").Options} options
 * @param {Context} context
 */
async function accounts(options, context) {
  const { cache, output } = options;
  if (!cache) throw new UsageError("accounts needs --cache: elsewhere no sign-in is kept");
  if (output === "token") throw new UsageError("accounts prints names, or --output json");
  const found = await signedIn(options, context);
  if (context.warnings.size > 0) {
    throw new Error("The cache could not be read as a whole: it may hold more sign-ins.");
  }
  if (output === "json") return JSON.stringify(found);
  if (found.length === 0) return context.terminal.finish(nobody(options));
  return found.map((account) => printable(line(account))).join("\n");
}

/** @param {AuthenticationRecord} account */
function line({ username, homeAccountId }) {
  return `${username}  ${homeAccountId}`;
}

/** @param {import("./arguments.js").Options} options */
function nobody({ cache = "", username }) {
  const whom = username === undefined ? "Nobody" : `Nobody called ${quote(username)}`;
  return `${whom} is signed in to this application in the cache ${quote(cache)}.`;
}
