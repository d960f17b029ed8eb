// Cloudflare's storages, as `cachePersistenceOptions.storage` wants them.

/** The storage of a Durable Object: consistent, and its own. */
export function durableObjectStorage(storage) {
  return {
    getItem: (key) => storage.get(key),
    setItem: (key, value) => storage.put(key, value),
    removeItem: (key) => storage.delete(key),
  };
}

/** How long Workers KV may show what was there before, in milliseconds. */
const STALE_FOR = 60_000;
/** What this isolate put or deleted lately, by namespace: a Worker may make its storage anew for each request. */
const written = new WeakMap();

/**
 * Workers KV. Every location of Cloudflare reads it, but late: within an isolate, at least, one reads what one wrote. What was
 * not there before we wrote, and is not ours, is somebody's who wrote after us.
 */
export function workersKvStorage(namespace) {
  const recent = written.get(namespace) ?? new Map();
  written.set(namespace, recent);

  function forget() {
    for (const [key, { at }] of recent) {
      if (Date.now() - at > STALE_FOR) recent.delete(key);
    }
  }

  function note(key, value) {
    const { value: latest, older = [] } = recent.get(key) ?? {};
    if (value === latest) return;
    const others = [...older, latest].filter((each) => each !== value);
    recent.set(key, { value, older: others, at: Date.now() });
  }

  async function write(key, value, writing) {
    await writing;
    note(key, value);
  }

  return {
    async getItem(key) {
      forget();
      const shown = await namespace.get(key);
      const known = recent.get(key);
      if (known?.older.includes(shown)) return known.value;
      note(key, shown);
      return shown;
    },
    setItem: (key, value) => write(key, value, namespace.put(key, value)),
    removeItem: (key) => write(key, null, namespace.delete(key)),
  };
}
