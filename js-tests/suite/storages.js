/** Storages to keep token caches in, as hosts and libraries have them. */

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

/**
 * Keeps its items in memory, and answers later, as a database does.
 *
 * @param {Map<string, any>} [items]
 */
export function memoryStorage(items = new Map()) {
  return {
    items,
    writes: 0,
    async getItem(key) {
      await turn();
      return items.get(key) ?? null;
    },
    async setItem(key, value) {
      await turn();
      this.writes += 1;
      items.set(key, value);
    },
    async removeItem(key) {
      await turn();
      items.delete(key);
    },
  };
}

/** Answers at once, as the web's `localStorage` does. */
export function webStorage() {
  const items = new Map();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, String(value)),
    removeItem: (key) => void items.delete(key),
  };
}

/** Gives JSON parsed, and `undefined` for nothing; normalizes keys. `unstorage` does all of that. */
export function parsingStorage() {
  const items = new Map();
  const normal = (key) => key.split("?")[0].replace(/[/\\]/g, ":").replace(/:+/g, ":");
  return {
    items,
    async getItem(key) {
      const text = items.get(normal(key));
      try {
        return text && JSON.parse(text);
      } catch {
        return text;
      }
    },
    setItem: async (key, value) => void items.set(normal(key), value),
    removeItem: async (key) => void items.delete(normal(key)),
  };
}

/** 32 random bytes. */
export function randomKey() {
  return crypto.getRandomValues(new Uint8Array(32));
}
