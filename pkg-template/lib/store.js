// Persistent caches. Few programs have one, so what knows of plugins, storages and files is a module of its own where that
// spares the others its weight. A store reads the text of a cache, and writes what the core makes of it:
//
//     load(enableCae, account)   the text of the cache, or of an account's part of it; nothing if there is none
//     save(enableCae, changes)   writes what `changes` makes of what is stored
//
// `changes.accounts()` are those whose items are to be written, and `changes.merge(text, account)` gives what an item is to
// hold: `undefined` if it does already, and "" if nothing is left. It throws a string if the text is no cache.
import { CredentialUnavailableError } from "./errors.js";

/** @import { Loan } from "./life.js" */
/** @import { Changes, Persistence, Store } from "./stores/types.js" */
/** @import { Stores } from "./types.js" */
/** @typedef {() => Stores | Promise<Stores>} Load */

/** @type {{ load: Load, files: boolean }} */
let provided;

/**
 * Tells how to get the module of stores, at once or by promise, and whether it knows files.
 *
 * @param {Load} load
 * @param {{ files?: boolean }} [options]
 */
export function provideStores(load, { files = false } = {}) {
  provided = { load, files };
}

/**
 * The store that `persistence` describes, as Rust has read it. What it is lent to log with takes a level, 0 for a warning,
 * and a line; what to save with, a text and whose it is, or nothing to say whose are to be written.
 *
 * @param {Persistence} persistence
 * @param {Loan} log
 * @throws TypeError if it is one of files, where there are none
 */
export function openStore(persistence, log) {
  const { load, files } = provided;
  if (persistence.place === "files" && !files) {
    throw new TypeError(
      `\`${persistence.where}\` needs a \`storage\` or a \`cachePlugin\`: there are no files here`,
    );
  }
  /** @type {Store | undefined} */
  let store;
  async function opened() {
    // The store is kept, not a promise of it: one made in a request of a Worker may never settle for another.
    if (!store) {
      const stores = await load();
      store ??= stores.openStore(persistence, {
        CredentialUnavailableError,
        log: (level, line) => void log.call(level, line),
      });
    }
    return store;
  }
  return {
    /** @type {Store["load"]} */
    load: async (enableCae, account) => (await opened()).load(enableCae, account),
    /**
     * @param {boolean} enableCae
     * @param {Loan} loan
     * @param {string} [signedOut]
     */
    save: async (enableCae, loan, signedOut) =>
      (await opened()).save(enableCae, changes(loan, signedOut)),
  };
}

/**
 * @param {Loan} loan
 * @param {string} [signedOut]
 * @returns {Changes}
 */
function changes(loan, signedOut) {
  /** @param {string[]} args */
  function ask(...args) {
    if (loan.isOver) throw new Error("the store took too long: what it was to save was given up");
    return /** @type {any} */ (loan.call(...args));
  }
  return { signedOut, accounts: () => ask(), merge: ask };
}
