// Persistent caches. Few programs have one, so what knows of plugins, storages and files is a module of its own where that
// spares the others its weight. A store reads the text of a cache, and writes what the core makes of it:
//
//     load(enableCae, account)   the text of the cache, or of an account's part of it; nothing if there is none
//     save(enableCae, changes)   writes what `changes` makes of what is stored
//
// `changes.accounts()` are those whose items are to be written, and `changes.merge(text, account)` gives what an item is to
// hold: `undefined` if it does already, and "" if nothing is left. It throws a string if the text is no cache.
import { CredentialUnavailableError } from "./errors.js";

let provided;

/** Tells how to get the module of stores, at once or by promise, and whether it knows files. */
export function provideStores(load, { files = false } = {}) {
  provided = { load, files };
}

/**
 * The store that `readPersistence` describes. `log` takes a level, 0 for a warning, and a line.
 *
 * @throws TypeError if it is one of files, where there are none
 */
export function openStore(persistence, log) {
  const { load, files } = provided;
  if (persistence.place === "files" && !files) {
    throw new TypeError(
      `\`${persistence.where}\` needs a \`storage\` or a \`cachePlugin\`: there are no files here`,
    );
  }
  let store;
  async function opened() {
    // The store is kept, not a promise of it: one made in a request of a Worker may never settle for another.
    if (!store) {
      const stores = await load();
      store ??= stores.openStore(persistence, { CredentialUnavailableError, log });
    }
    return store;
  }
  return {
    load: async (enableCae, account) => (await opened()).load(enableCae, account),
    save: async (enableCae, changes) => (await opened()).save(enableCae, changes),
  };
}
