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
    load: async (enableCae) => access(of(enableCae)),
    save: async (enableCae, merge) => void (await access(of(enableCae), merge)),
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
