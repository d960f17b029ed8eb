// A store in memory that copies what it is given, and counts what it is asked.

import { cacheOf, cacheOfAll, idOf } from "./accounts.js";

const NAME = "msal.cache.nocae";

/** How accounts are kept. */
export const LAYOUTS = {
  whole: { partitioned: false, allowUnencryptedStorage: true },
  wholeSealed: { partitioned: false, encryptionKey: crypto.getRandomValues(new Uint8Array(32)) },
  items: { allowUnencryptedStorage: true },
  itemsSealed: { encryptionKey: crypto.getRandomValues(new Uint8Array(32)) },
};

/** The same for what is plain as yet: it is read, and sealed when it is saved. */
export const migrating = (layout) => ({ ...LAYOUTS[layout], allowUnencryptedStorage: true });

export function createStorage() {
  const items = new Map();
  const counts = { reads: 0, writes: 0, bytesRead: 0, bytesWritten: 0 };
  return {
    items,
    counts,
    async getItem(name) {
      const text = items.get(name);
      counts.reads += 1;
      counts.bytesRead += text?.length ?? 0;
      return text === undefined ? null : structuredClone(text);
    },
    async setItem(name, text) {
      counts.writes += 1;
      counts.bytesWritten += text.length;
      items.set(name, structuredClone(text));
    },
    async removeItem(name) {
      items.delete(name);
    },
  };
}

/** A store that holds this cache in one item. */
export function storageOf(cache) {
  const storage = createStorage();
  storage.items.set(NAME, JSON.stringify(cache));
  return storage;
}

/**
 * A store that holds so many accounts. If they are to be sealed, it is the package that does it.
 *
 * @param {keyof typeof LAYOUTS} layout
 * @param {(storage: object, number: number) => Promise<unknown>} save as the package does
 */
export async function furnish(accounts, layout, save) {
  const all = Array.from({ length: accounts }, (_, number) => number);
  if (layout.startsWith("whole")) {
    const storage = storageOf(cacheOfAll(accounts));
    await save(storage, 0);
    return storage;
  }
  const storage = createStorage();
  for (const number of all) {
    storage.items.set(`${NAME}.${idOf(number)}`, JSON.stringify(cacheOf(number)));
  }
  if (layout === "itemsSealed") for (const number of all) await save(storage, number);
  return storage;
}
