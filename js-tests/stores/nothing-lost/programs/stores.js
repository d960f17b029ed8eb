/** A storage and a plugin as users write them, on files, so that they outlive a process; and made to fail. */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {object} description
 * @param {"storage" | "plugin"} description.kind
 * @param {string} description.folder
 * @param {Record<string, "hangs" | "rejects" | "throws">} [description.faults] by method
 */
export function createStore({ kind, folder, faults = {} }) {
  const store =
    kind === "storage" ? { storage: storageIn(folder) } : { cachePlugin: pluginIn(folder) };
  let current = faults;
  for (const methods of Object.values(store)) {
    for (const [name, method] of Object.entries(methods)) {
      methods[name] = (...args) => {
        const fault = current[name];
        if (fault === "hangs") return new Promise(() => {});
        if (fault === "throws") throw new Error("the store is out of order");
        if (fault === "rejects") return Promise.reject(new Error("the store is out of order"));
        return method(...args);
      };
    }
  }
  return {
    options: store,
    fail(more = {}) {
      current = more;
    },
  };
}

function storageIn(folder) {
  mkdirSync(folder, { recursive: true });
  const file = (item) => join(folder, encodeURIComponent(item));
  return {
    async getItem(item) {
      return existsSync(file(item)) ? readFileSync(file(item), "utf8") : null;
    },
    async setItem(item, text) {
      writeFileSync(file(item), text);
    },
    async removeItem(item) {
      rmSync(file(item), { force: true });
    },
  };
}

function pluginIn(folder) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "plugin");
  return {
    async beforeCacheAccess({ tokenCache }) {
      if (existsSync(file)) tokenCache.deserialize(readFileSync(file, "utf8"));
    },
    async afterCacheAccess({ cacheHasChanged, tokenCache }) {
      if (cacheHasChanged) writeFileSync(file, tokenCache.serialize());
    },
  };
}
