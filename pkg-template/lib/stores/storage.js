// Caches kept in a storage, as the web has it: `getItem`, `setItem` and `removeItem`, at once or by promise.
import { createSeal, isSealed } from "../seal.js";
import { untilKept } from "./kept.js";
import { mergeInto, UnreadableError } from "./merging.js";
import { asText } from "./text.js";
import { inTurn } from "./turns.js";

/** When something was last set aside. */
let latestAside = 0;

/**
 * Keeps each account in an item of its own, so that two who write at once don't meet; or everything in one, for programs
 * that share it. With an encryption key, items are sealed when they are written.
 */
export function openStorage({ storage, name, encryptionKey, layout }, log) {
  const seal = encryptionKey && createSeal(encryptionKey);
  const cache = (enableCae) => `${name}${enableCae ? ".cae" : ".nocae"}`;
  const itemOf = (enableCae, account) => `${cache(enableCae)}.${encodeURIComponent(account)}`;

  async function read(item) {
    return asText(await storage.getItem(item), `\`${item}\``);
  }

  /** Text that is not sealed is given as it is: whether it is a cache, the core knows. */
  async function opened(stored, item) {
    if (!isSealed(stored)) return stored;
    if (!seal) throw new Error(`\`${item}\` is encrypted: give its \`encryptionKey\``);
    try {
      return await seal.open(stored, item);
    } catch (cause) {
      throw new UnreadableError(`it can't be opened: ${cause.message}`, { cause });
    }
  }

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

  async function setAside(stored, item, why) {
    // No other that this process sets aside has the same name.
    latestAside = Math.max(Date.now(), latestAside + 1);
    const aside = `${item}.unreadable-${latestAside}`;
    await storage.setItem(aside, stored);
    log(0, `the token cache in \`${item}\` is unreadable, and is kept as \`${aside}\`: ${why}`);
  }

  if (layout === "whole") {
    return {
      load: (enableCae) => load(cache(enableCae)),
      save(enableCae, changes) {
        const item = cache(enableCae);
        return untilKept(storage, item, (before) => change(item, changes, undefined, before));
      },
    };
  }
  return {
    load: async (enableCae, account) => account && load(itemOf(enableCae, account)),
    async save(enableCae, changes) {
      const saving = changes.accounts().map((account) => {
        const item = itemOf(enableCae, account);
        return inTurn(storage, item, () => change(item, changes, account));
      });
      const failed = (await Promise.allSettled(saving)).find(({ status }) => status === "rejected");
      if (failed) throw failed.reason;
    },
  };
}
