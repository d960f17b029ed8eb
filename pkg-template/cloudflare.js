// Cloudflare's storages, as `cachePersistenceOptions.storage` wants them.

/**
 * @import { DurableObjectStorageLike, KvNamespaceLike } from "./cloudflare.d.ts"
 * @import { TokenStorage } from "./index.d.ts"
 */

/**
 * The storage of a Durable Object: consistent, and its own.
 *
 * @param {DurableObjectStorageLike} storage
 * @returns {TokenStorage}
 */
export function durableObjectStorage(storage) {
  return {
    getItem: (key) => storage.get(key),
    setItem: (key, value) => storage.put(key, value),
    removeItem: (key) => storage.delete(key),
  };
}

/** How long Workers KV may show what was there before, in milliseconds. */
const STALE_FOR = 60_000;
/**
 * What was put under a key, or was there when it was read; since when; and what was there before that, with when it was
 * replaced.
 *
 * @typedef {{value: unknown, at: number, older: Map<unknown, number>}} Written
 */

/**
 * What this isolate put or deleted lately, by namespace: a Worker may make its storage anew for each request.
 *
 * @type {WeakMap<KvNamespaceLike, Map<string, Written>>}
 */
const written = new WeakMap();

/**
 * Workers KV. Every location of Cloudflare reads it, but late: within an isolate, at least, one reads what one wrote. What was
 * not there before we wrote, and is not ours, is somebody's who wrote after us.
 *
 * @param {KvNamespaceLike} namespace
 * @returns {TokenStorage}
 */
export function workersKvStorage(namespace) {
  const recent = written.get(namespace) ?? new Map();
  written.set(namespace, recent);

  /** What KV can't show any more, or only as it is. A busy item is never old itself, but what was there before it is. */
  function forget() {
    const isOld = (/** @type {number} */ at) => Date.now() - at > STALE_FOR;
    for (const [key, { at, older }] of recent) {
      if (isOld(at)) recent.delete(key);
      for (const [value, replaced] of older) {
        if (isOld(replaced)) older.delete(value);
      }
    }
  }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  function note(key, value) {
    const now = Date.now();
    const { value: latest, older = new Map() } = recent.get(key) ?? {};
    if (value === latest) return;
    older.set(latest, now);
    older.delete(value);
    recent.set(key, { value, at: now, older });
  }

  /**
   * @param {string} key
   * @param {unknown} value
   * @param {Promise<unknown>} writing
   */
  async function write(key, value, writing) {
    await writing;
    forget();
    note(key, value);
  }

  return {
    async getItem(key) {
      forget();
      const shown = await namespace.get(key);
      const known = recent.get(key);
      if (known?.older.has(shown)) return known.value;
      note(key, shown);
      return shown;
    },
    setItem: (key, value) => write(key, value, namespace.put(key, value)),
    removeItem: (key) => write(key, null, namespace.delete(key)),
  };
}
