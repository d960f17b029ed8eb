// Whether the file of a cache is encrypted, and with which key.
import { UnreadableError } from "../stores/merging.js";
import { KeyringError, makeKey, readKey } from "./keyring.js";

const REMEDIES =
  "Install `@napi-rs/keyring` and unlock the keyring; or give `cachePersistenceOptions` an `encryptionKey`, or " +
  "`allowUnencryptedStorage: true`.";

/**
 * How a file is opened and closed:
 *
 *     prepare(stored)      finds out whether there is a key, where one will be needed
 *     open(stored)         the text of the cache
 *     close(text, stored)  what to replace `stored` with. Only for who holds the file's lock: it may make a key
 */
export function protectionOf(name, options, log) {
  const { allowUnencryptedStorage, encryptionKey, seal, isSealed } = options;
  const { CredentialUnavailableError } = options;
  const mayBePlain = allowUnencryptedStorage && !encryptionKey;
  /** What is plain stays so, if it may: others read it. */
  const staysPlain = (stored) => mayBePlain && stored.trim() !== "" && !isSealed(stored);

  let told = false;

  /** The key, or nothing if there is none and none is needed. */
  async function findKey(stored, find) {
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
      if (!told) log(1, `the tokens in \`${name}\` are kept unencrypted: ${why}`);
      told = true;
      return undefined;
    }
  }

  return {
    async prepare(stored) {
      if (!staysPlain(stored)) await findKey(stored, readKey);
    },

    async open(stored) {
      if (!isSealed(stored)) return stored;
      const key = await findKey(stored, readKey);
      if (!key) throw new UnreadableError(`the keyring has no key for \`${name}\``);
      try {
        return await seal(key).open(stored, name);
      } catch (cause) {
        throw new UnreadableError(`\`${name}\` can't be opened: ${cause.message}`, { cause });
      }
    },

    async close(text, stored) {
      const key = staysPlain(stored) ? undefined : await findKey(stored, makeKey);
      return key ? seal(key).close(text, name) : text;
    },
  };
}
