// Caches kept in a storage, as the web has it: `getItem`, `setItem` and `removeItem`, at once or by promise.
import { createSeal, isSealed } from "../seal.js";
import { untilKept } from "./kept.js";
import { asideOf, mergeInto, UNSEALED, UnreadableError } from "./merging.js";
import { asText } from "./text.js";
import { inTurn } from "./turns.js";

/** @import { Changes, Log, Store, StoragePersistence } from "./types.js" */

/**
 * Keeps each account in an item of its own, so that two who write at once don't meet; or everything in one, for programs
 * that share it. With an encryption key, items are sealed when they are written, and what is not sealed is read only if it may be.
 *
 * @param {StoragePersistence} persistence
 * @param {Log} log
 * @returns {Store}
 */
export function openStorage(persistence, log) {
  const { storage, name, allowUnencryptedStorage, encryptionKey, layout } = persistence;
  const seal = encryptionKey && createSeal(encryptionKey);
  const cache = (/** @type {boolean} */ enableCae) => `${name}${enableCae ? ".cae" : ".nocae"}`;
  const itemOf = (/** @type {boolean} */ enableCae, /** @type {string} */ account) =>
    `${cache(enableCae)}.${encodeURIComponent(account)}`;

  /** @param {string} item */
  async function read(item) {
    return asText(await storage.getItem(item), `\`${item}\``);
  }

  /**
   * Text that is not sealed is given as it is: whether it is a cache, the core knows.
   *
   * @param {string} stored
   * @param {string} item
   */
  async function opened(stored, item) {
    if (!isSealed(stored)) {
      if (stored && !allowUnencryptedStorage) throw new UnreadableError(UNSEALED);
      return stored;
    }
    if (!seal) throw new Error(`\`${item}\` is encrypted: give its \`encryptionKey\``);
    try {
      return await seal.open(stored, item);
    } catch (cause) {
      const { message } = /** @type {Error} */ (cause);
      throw new UnreadableError(`it can't be opened: ${message}`, { cause });
    }
  }

  /** @param {string} item */
  async function load(item) {
    try {
      return await opened(await read(item), item);
    } catch (why) {
      if (!(why instanceof UnreadableError)) throw why;
      throw new Error(`\`${item}\`: ${why.message}`, { cause: why.cause });
    }
  }

  /**
   * Reads, changes, writes. Resolves to what it read; to `undefined` if it wrote nothing, which it doesn't either if it reads
   * what was there `before`.
   *
   * @param {string} item
   * @param {Changes} changes
   * @param {string} [account]
   * @param {string} [before]
   */
  async function change(item, changes, account, before) {
    const stored = await read(item);
    if (stored === before) return undefined;
    const { text, unreadable } = await mergeInto(() => opened(stored, item), changes, account);
    if (text === undefined) return undefined;
    const written = text && seal ? await seal.close(text, item) : text;
    if (unreadable) await setAside(stored, item, unreadable);
    await (written ? storage.setItem(item, written) : storage.removeItem(item));
    return stored;
  }

  /**
   * Keeps what can't be read under another name too, in the place of what was kept there before.
   *
   * @param {string} stored
   * @param {string} item
   * @param {string} why
   */
  async function setAside(stored, item, why) {
    const aside = asideOf(item);
    await storage.setItem(aside, stored);
    log(0, `the token cache in \`${item}\` is unreadable, and is kept as \`${aside}\`: ${why}`);
  }

  /**
   * Of an account that is signed out, nothing stays: neither what was set aside nor, in an item of its own, what can't be read.
   *
   * @param {string} item
   * @param {boolean} isTheirs whether it holds nobody else
   */
  async function forget(item, isTheirs) {
    const aside = asideOf(item);
    if (await read(aside)) await storage.removeItem(aside);
    if (!isTheirs) return;
    try {
      await opened(await read(item), item);
    } catch (why) {
      if (!(why instanceof UnreadableError)) throw why;
      await storage.removeItem(item);
    }
  }

  if (layout === "whole") {
    return {
      load: (enableCae) => load(cache(enableCae)),
      async save(enableCae, changes) {
        const item = cache(enableCae);
        if (changes.signedOut !== undefined) await forget(item, false);
        await untilKept(storage, item, (before) => change(item, changes, undefined, before));
      },
    };
  }
  return {
    load: async (enableCae, account) => (account ? load(itemOf(enableCae, account)) : undefined),
    async save(enableCae, changes) {
      const { signedOut } = changes;
      if (signedOut) {
        const item = itemOf(enableCae, signedOut);
        await inTurn(storage, item, () => forget(item, true));
      }
      const saving = changes.accounts().map((account) => {
        const item = itemOf(enableCae, account);
        return inTurn(storage, item, () => change(item, changes, account));
      });
      const failed = (await Promise.allSettled(saving)).find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    },
  };
}
