// The stores of runtimes that have no files.
import { openPlugins } from "./plugin.js";
import { openStorage } from "./storage.js";

export function openStore(persistence, { log }) {
  return persistence.place === "plugin" ? openPlugins(persistence) : openStorage(persistence, log);
}
