/** Who is signed in to a cache, and whom of them the user means. */

import { quote, UsageError } from "./arguments.js";
import { createCredential } from "./credential.js";

/** @typedef {import("entra-device-code").AuthenticationRecord} Account */

/**
 * All of them, or whom `--username` names.
 *
 * @param {import("./arguments.js").Options} options
 * @param {import("./commands.js").Context} context
 * @returns {Promise<Account[]>}
 */
export async function signedIn(options, context) {
  const { username } = options;
  const credential = createCredential(options, context);
  try {
    const accounts = await credential.getAccounts();
    return accounts.filter((account) => username === undefined || isCalled(account, username));
  } finally {
    credential.close();
  }
}

/**
 * The one to get tokens for, if there is one.
 *
 * @param {import("./arguments.js").Options} options
 * @param {import("./commands.js").Context} context
 * @returns {Promise<Account | undefined>}
 * @throws {UsageError} if it might be several
 */
export async function accountToUse(options, context) {
  const accounts = await signedIn(options, context);
  if (accounts.length < 2) return accounts[0];
  const names = accounts.map((account) => label(account, accounts)).join(", ");
  throw new UsageError(
    `several accounts are signed in to the cache ${quote(options.cache ?? "")}: choose one with --username: ${names}`,
  );
}

/**
 * By its name, in whatever case, or by its id.
 *
 * @param {Account} account
 * @param {string} name
 */
export function isCalled({ username, homeAccountId }, name) {
  return username.toLowerCase() === name.toLowerCase() || homeAccountId === name;
}

/**
 * What to call an account: a name may be that of a work account and of a personal one.
 *
 * @param {Account} account
 * @param {Account[]} accounts
 */
function label(account, accounts) {
  const { username, homeAccountId } = account;
  const isUnique = accounts.every((other) => other === account || !isCalled(other, username));
  return isUnique ? username : homeAccountId;
}
