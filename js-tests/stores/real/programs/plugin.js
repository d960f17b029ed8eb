/** MSAL's plugin for caches that are shared, as an app of it sets it up. */

import { DistributedCachePlugin } from "@azure/msal-node";

/**
 * @param {import("ioredis").Redis} client
 * @param {{one: string} | {perAccount: string, current?: string}} partitions one key for all; or one per account, of
 *   whom the session may know the current one
 */
export function createPlugin(client, partitions) {
  const perAccount = (id) => `${partitions.perAccount}:${id}`;
  const manager =
    "one" in partitions
      ? { getKey: async () => partitions.one, extractKey: async () => partitions.one }
      : {
          getKey: async () => perAccount(partitions.current ?? "nobody"),
          extractKey: async ({ homeAccountId }) => perAccount(homeAccountId),
        };
  const cache = {
    get: async (key) => (await client.get(key)) ?? "",
    set: (key, value) => client.set(key, value),
  };
  return new DistributedCachePlugin(cache, manager);
}
