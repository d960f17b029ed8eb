/** What each command does. Each answers with what goes to stdout, or with nothing. */

import { UsageError } from "./arguments.js";
import { createCredential } from "./credential.js";

/**
 * @typedef {object} Context
 * @property {import("./terminal.js").Terminal} terminal
 * @property {AbortSignal} signal aborted by Ctrl-C
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
  if (!options.scope) {
    throw new UsageError(
      "no scope is given: say what the token is for, such as --scope https://graph.microsoft.com/.default",
    );
  }
  const credential = createCredential(options, context.terminal);
  try {
    const { claims, scope } = options;
    const found = await credential.getToken(scope, { claims, abortSignal: context.signal });
    return options.output === "json" ? JSON.stringify(found) : found.token;
  } finally {
    credential.close();
  }
}

/**
 * @param {Record<string, any>} options
 * @param {Context} context
 */
async function login(options, context) {
  if (options.output === "token") {
    throw new UsageError("login prints a record, which is JSON: use the command token for a token");
  }
  const credential = createCredential(options, context.terminal);
  try {
    const { claims, scope: scopes } = options;
    const record = await credential.authenticate({ scopes, claims, abortSignal: context.signal });
    context.terminal.finish(`Signed in as ${record.username}, tenant ${record.tenantId}.`);
    return record.serialize();
  } finally {
    credential.close();
  }
}

/**
 * @param {Record<string, any>} _options
 * @param {Context} context
 */
async function logout(_options, { terminal }) {
  terminal.finish("No token is kept between runs: there is nothing to forget.");
}
