// The stores of runtimes that have no files.
import { openPlugins } from "./plugin.js";
import { openStorage } from "./storage.js";

/**
 * @param {import("./types.js").PluginPersistence | import("./types.js").StoragePersistence} persistence
 * @param {import("./types.js").Lent} lent
 * @returns {import("./types.js").Store}
 */
export function openStore(persistence, { log }) {
  return persistence.place === "plugin" ? openPlugins(persistence) : openStorage(persistence, log);
}
