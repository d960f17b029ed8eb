// Persistent caches. A store reads the text of a cache, and writes what the core makes of it.

/**
 * The store that `cachePersistenceOptions` describes: `load` gives a cache's text, `save` replaces it by what `merge`
 * makes of it. There are two caches, of sessions without and with Continuous Access Evaluation.
 */
export function openStore(options) {
  const { cachePlugin, cachePluginCae } = options;
  if (!cachePlugin) {
    throw new TypeError("`cachePersistenceOptions` must have a `cachePlugin`");
  }
  check("cachePlugin", cachePlugin);
  if (cachePluginCae) check("cachePluginCae", cachePluginCae);
  const of = (enableCae) => (enableCae ? cachePluginCae : cachePlugin);
  return {
    load: (enableCae) => inTurn(of(enableCae), access),
    save: (enableCae, merge) => inTurn(of(enableCae), (plugin) => access(plugin, merge)),
  };
}

function check(name, plugin) {
  for (const method of ["beforeCacheAccess", "afterCacheAccess"]) {
    if (typeof plugin[method] !== "function") {
      throw new TypeError(
        `\`${name}\` must have the method \`${method}\`, as MSAL's ICachePlugin does`,
      );
    }
  }
}

/** The latest access to each plugin, for the next one to wait for. */
const accesses = new WeakMap();
/** How long to wait for an access before ours, in milliseconds: it may belong to a request that is gone. */
const PATIENCE = 3000;

/**
 * Lets credentials that share a plugin use it one after the other, as not every plugin locks what it reads and then writes.
 * Between processes, that is the plugin's business.
 */
async function inTurn(plugin, access) {
  if (!plugin) return access(plugin);
  const previous = accesses.get(plugin);
  let release;
  accesses.set(
    plugin,
    new Promise((resolve) => {
      release = resolve;
    }),
  );
  try {
    await settled(previous);
    return await access(plugin);
  } finally {
    release();
  }
}

function settled(previous) {
  return new Promise((resolve) => {
    if (!previous) return resolve();
    const timer = setTimeout(resolve, PATIENCE);
    previous.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** One access through MSAL's `ICachePlugin`: it gets a context, reads into it, and writes from it if it changed. */
async function access(plugin, merge) {
  if (!plugin) {
    merge?.("");
    return undefined;
  }
  let text = "";
  const tokenCache = {
    deserialize(serialized) {
      text = serialized ?? "";
    },
    serialize: () => text,
  };
  const context = { tokenCache, cache: tokenCache, hasChanged: false, cacheHasChanged: false };
  await plugin.beforeCacheAccess(context);
  try {
    if (merge) {
      text = merge(text);
      context.hasChanged = true;
      context.cacheHasChanged = true;
    }
  } finally {
    await plugin.afterCacheAccess(context);
  }
  return text;
}
