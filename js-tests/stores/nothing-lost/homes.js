/** A user's home, and what is in its caches. Read with nothing of the package's own. */

import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { compactDecrypt } from "jose";

export const CACHE = "msal.cache.nocae";

/** How caches are kept: as anybody can read them, or encrypted with a key of the program's. */
export const PLAIN = { allowUnencryptedStorage: true };
export const SEALED = { encryptionKey: randomBytes(32).toString("base64") };
export const PROTECTIONS = { plain: PLAIN, sealed: SEALED };

/** Two people, and what else they may want. */
export const ADA = { who: "ada" };
export const BOB = { who: "bob" };
export const MORE = { scope: "Mail.Read" };

/** A home account id, as programs/entra.js has them. */
export const idOf = (who) => `${who}.00000000-0000-0000-0000-0000000000aa`;

/**
 * @typedef {object} Home
 * @property {string} path
 * @property {string} folder of the caches
 * @property {string} file the cache
 * @property {() => Promise<string[]>} left what is in the folder
 */

/**
 * @param {string} root
 * @param {object} [options]
 * @param {Home} [options.like] with the same caches in it
 * @param {string} [options.name] of the cache
 * @returns {Promise<Home>}
 */
export async function createHome(root, { like, name = CACHE } = {}) {
  const path = await mkdtemp(join(root, "home-"));
  if (like) await cp(like.path, path, { recursive: true });
  return homeAt(path, name);
}

/**
 * @param {string} path
 * @param {string} [name] of the cache
 * @returns {Home}
 */
export function homeAt(path, name = CACHE) {
  const folder = join(path, ".IdentityService");
  return {
    path,
    folder,
    file: join(folder, name),
    left: async () => (await readdir(folder).catch(() => [])).sort(),
  };
}

/**
 * The text of a cache, whatever protects it.
 *
 * @param {string} text
 * @param {{encryptionKey?: string}} [protection]
 */
export async function opened(text, { encryptionKey } = {}) {
  if (!encryptionKey) return text;
  const { plaintext } = await compactDecrypt(text, Buffer.from(encryptionKey, "base64"));
  return new TextDecoder().decode(plaintext);
}

/**
 * Who can get tokens from a cache without signing in.
 *
 * @param {string} text
 * @returns {string[]}
 * @throws if it is not a whole cache
 */
export function peopleIn(text) {
  const { Account = {}, RefreshToken = {} } = JSON.parse(text);
  const idsIn = (rows) => new Set(Object.values(rows).map((row) => row.home_account_id));
  const accounts = idsIn(Account);
  return [...idsIn(RefreshToken)]
    .filter((id) => accounts.has(id))
    .map((id) => id.split(".")[0])
    .sort();
}

/** Who is in the cache of a home. */
export async function peopleOf(home, protection) {
  return peopleIn(await opened(await readFile(home.file, "utf8"), protection));
}
