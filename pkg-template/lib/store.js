// Persistent caches. A store reads the text of a cache, and writes what the core makes of it:
//
//     partitioned                whether each account has an item of its own
//     load(enableCae, account)   the text of the cache, or of an account's part of it; nothing if there is none
//     save(enableCae, changes)   writes what `changes` makes of what is stored
//
// `changes.accounts()` are those whose items are to be written, and `changes.merge(text, account)` gives what an item is to
// hold: `undefined` if it does already, and "" if nothing is left. It throws a string if the text is no cache.
import { CredentialUnavailableError } from "./errors.js";
import { createSeal, isSealed } from "./seal.js";
import { openPlugins } from "./stores/plugin.js";
import { openStorage } from "./stores/storage.js";

let importFiles;

/** Tells how to import the module of files, where there are any. Most programs never need it. */
export function provideFileStore(load) {
  importFiles = load;
}

/**
 * The store that `readPersistence` describes. `log` takes a level, 0 for a warning, and a line.
 *
 * @throws TypeError if it is one of files, where there are none
 */
export function openStore(persistence, log) {
  switch (persistence.place) {
    case "plugin":
      return openPlugins(persistence);
    case "storage":
      return openStorage(persistence, log);
    default:
      return openFiles(persistence, log);
  }
}

function openFiles({ where, name, allowUnencryptedStorage, encryptionKey }, log) {
  if (!importFiles) {
    throw new TypeError(
      `\`${where}\` needs a \`storage\` or a \`cachePlugin\`: there are no files here`,
    );
  }
  let store;
  const open = async () => {
    const files = await importFiles();
    const options = { name, allowUnencryptedStorage, encryptionKey };
    const lent = { seal: createSeal, isSealed, CredentialUnavailableError };
    return files.openFiles({ ...options, ...lent }, log);
  };
  const opened = () => {
    store ??= open();
    return store;
  };
  return {
    partitioned: false,
    load: async (enableCae) => (await opened()).load(enableCae),
    save: async (enableCae, changes) => (await opened()).save(enableCae, changes),
  };
}
