// The stores of runtimes that have files.
import { openFiles } from "../files/files.js";
import * as others from "./stores.js";

export { openFiles };

/**
 * @param {import("./types.js").Persistence} persistence
 * @param {import("./types.js").Lent} lent
 * @returns {import("./types.js").Store}
 */
export function openStore(persistence, lent) {
  return persistence.place === "files"
    ? openFiles(persistence, lent)
    : others.openStore(persistence, lent);
}
