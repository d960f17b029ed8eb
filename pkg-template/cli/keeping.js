/** Whether a cache can be written. Better known before somebody signs in for it than after. */

import { AuthenticationError, CredentialUnavailableError } from "entra-device-code";
import { openFiles } from "#stores";
import { quote } from "./arguments.js";

/**
 * @param {string} cache
 * @param {import("./arguments.js").Options} options
 * @param {import("./commands.js").Context} context
 */
export async function expectToKeep(cache, options, { warn }) {
  const allowUnencryptedStorage = options["allow-unencrypted-storage"] ?? false;
  const store = openFiles(
    { place: "files", name: cache, allowUnencryptedStorage },
    { CredentialUnavailableError, log: (level, line) => level === 0 && warn(line) },
  );
  try {
    await store.tryToSave(false);
  } catch (cause) {
    if (cause instanceof AuthenticationError) throw cause;
    const { message } = /** @type {Error} */ (cause);
    throw new Error(`A sign-in could not be kept in the cache ${quote(cache)}: ${message}`, {
      cause,
    });
  }
}
