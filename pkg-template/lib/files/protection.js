// Whether the file of a cache is encrypted, and with which key.
import { createSeal, isSealed } from "../seal.js";
import { UNSEALED, UnreadableError } from "../stores/merging.js";
import { KeyringError, makeKey, readKey } from "./keyring.js";

/** @import { EncryptionKeys, FilePersistence, Lent, Protection } from "../stores/types.js" */

const REMEDIES =
  "Install `@napi-rs/keyring` and unlock the keyring; or give `cachePersistenceOptions` an `encryptionKey`, or " +
  "`allowUnencryptedStorage: true`.";

/**
 * How the file of a cache is opened and closed.
 *
 * @param {FilePersistence} persistence
 * @param {Lent} lent
 * @returns {Protection}
 */
export function protectionOf(persistence, { CredentialUnavailableError, log }) {
  const { name, allowUnencryptedStorage, encryptionKey } = persistence;
  const mayBePlain = allowUnencryptedStorage && !encryptionKey;
  /** What is plain stays so, if it may: others read it. */
  const staysPlain = (/** @type {string} */ stored) =>
    mayBePlain && stored.trim() !== "" && !isSealed(stored);

  let told = false;

  /**
   * The key, or nothing if there is none and none is needed.
   *
   * @param {string} stored
   * @param {(name: string) => Promise<Uint8Array | undefined>} find
   * @param {boolean} [writes] whether it is for what is about to be written
   * @returns {Promise<EncryptionKeys | undefined>}
   */
  async function findKey(stored, find, writes = false) {
    if (encryptionKey) return encryptionKey;
    try {
      return await find(name);
    } catch (cause) {
      if (!(cause instanceof KeyringError)) throw cause;
      const why = cause.message.replace(/\.$/, "");
      if (!mayBePlain) {
        const message = `tokens can't be stored encrypted: ${why}. ${REMEDIES}`;
        throw new CredentialUnavailableError(message, { cause });
      }
      if (isSealed(stored)) throw new Error(`\`${name}\` is encrypted, and ${why}`, { cause });
      if (writes && !told) log(1, `the tokens in \`${name}\` are kept unencrypted: ${why}`);
      told ||= writes;
      return undefined;
    }
  }

  return {
    async prepare(stored) {
      if (!staysPlain(stored)) await findKey(stored, readKey);
    },

    async open(stored) {
      if (!isSealed(stored)) {
        const mayBeRead = allowUnencryptedStorage || !encryptionKey || stored.trim() === "";
        if (!mayBeRead) throw new UnreadableError(`\`${name}\` can't be used: ${UNSEALED}`);
        return stored;
      }
      const key = await findKey(stored, readKey);
      if (!key) throw new UnreadableError(`the keyring has no key for \`${name}\``);
      try {
        return await createSeal(key).open(stored, name);
      } catch (cause) {
        const { message } = /** @type {Error} */ (cause);
        throw new UnreadableError(`\`${name}\` can't be opened: ${message}`, { cause });
      }
    },

    async close(text, stored) {
      const key = staysPlain(stored) ? undefined : await findKey(stored, makeKey, true);
      return key ? createSeal(key).close(text, name) : text;
    },
  };
}
