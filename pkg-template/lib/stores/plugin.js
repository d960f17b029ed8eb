// A cache kept by a plugin, as MSAL has them.
import { entitiesOf } from "./entities.js";
import { untilKept } from "./kept.js";
import { asText } from "./text.js";
import { inTurn } from "./turns.js";

/**
 * @import { CachePlugin } from "../../index.js"
 * @import { Cache, Changes, PluginContext, PluginPersistence, Store } from "./types.js"
 */

/**
 * One plugin for sessions without Continuous Access Evaluation, perhaps one for those with it.
 *
 * @param {PluginPersistence} persistence
 * @returns {Store}
 */
export function openPlugins({ cachePlugin, cachePluginCae }) {
  const caches = [cacheIn(cachePlugin), cachePluginCae ? cacheIn(cachePluginCae) : cacheInMemory()];
  const cache = (/** @type {boolean} */ enableCae) => caches[enableCae ? 1 : 0];
  return {
    load: (enableCae) => cache(enableCae).load(),
    save: (enableCae, changes) => cache(enableCae).save(changes),
  };
}

/**
 * What no plugin keeps: it is as if one did, in memory, as long as somebody has the credential.
 *
 * @returns {Cache}
 */
function cacheInMemory() {
  let kept = "";
  return {
    load: async () => kept,
    async save(changes) {
      kept = changes.merge(kept) ?? kept;
    },
  };
}

/** A plugin has one slot, which is all of its place. */
const SLOT = "";

/**
 * @param {CachePlugin} plugin
 * @returns {Cache}
 */
function cacheIn(plugin) {
  /**
   * A plugin may write elsewhere than it reads: one with a partition for each account learns from what it writes whose that
   * is, while the program tells it only later whose to read. Until it reads something else, what was written counts.
   *
   * @type {{read: string, written: string} | undefined}
   */
  let elsewhere;

  /** @param {string} text */
  function known(text) {
    if (text !== elsewhere?.read) elsewhere = undefined;
    return elsewhere ? elsewhere.written : text;
  }

  /** @param {Changes} changes */
  async function save(changes) {
    let written = "";
    await untilKept(plugin, SLOT, async (before) => {
      const { read, wrote } = await access(plugin, (text) => {
        if (text === before) {
          elsewhere = { read: text, written };
          return {};
        }
        const held = known(text);
        return { held, text: merged(changes, held) };
      });
      if (wrote === undefined) return undefined;
      written = wrote;
      return read;
    });
  }

  return {
    load: () => inTurn(plugin, SLOT, async () => known((await access(plugin)).read)),
    save,
  };
}

/**
 * What is no cache is left as it is: there is nowhere to put it aside.
 *
 * @param {Changes} changes
 * @param {string} held
 */
function merged(changes, held) {
  try {
    return changes.merge(held);
  } catch (why) {
    throw typeof why === "string" ? new Error(`${why}, and is left as it is`) : why;
  }
}

/**
 * One access through MSAL's `ICachePlugin`: it gets a context, reads into it, and writes from it if it changed. `change` gives
 * the text to write, if any, and the one it was made from.
 *
 * @param {CachePlugin} plugin
 * @param {(read: string) => {text?: string, held?: string}} [change]
 */
async function access(plugin, change = () => ({})) {
  let read = "";
  /** @type {{text?: string, held?: string}} */
  let changed = {};
  const tokenCache = {
    deserialize(/** @type {string} */ text) {
      read = asText(text, "what the plugin read");
    },
    serialize: () => changed.text ?? read,
    getKVStore: () => entitiesOf(tokenCache.serialize(), changed.held),
  };
  /** @type {PluginContext} */
  const context = { tokenCache, cache: tokenCache, hasChanged: false, cacheHasChanged: false };
  await plugin.beforeCacheAccess(context);
  try {
    changed = change(read);
    context.hasChanged = changed.text !== undefined;
    context.cacheHasChanged = context.hasChanged;
  } finally {
    await plugin.afterCacheAccess(context);
  }
  return { read, wrote: changed.text };
}
