// One of many processes that write to the same store: does the errands that come in, a line each, when they come.
import { createInterface } from "node:readline";
import Redis from "ioredis";
import { createStorage } from "unstorage";
import redisDriver from "unstorage/drivers/redis";
import { act } from "./act.js";
import { answer, errand } from "./errand.js";
import { createPlugin } from "./plugin.js";

const { redis } = errand();
const storage = createStorage({ driver: redisDriver({ url: redis }) });
const client = new Redis(redis);

answer({ ready: (await client.ping()) === "PONG" && (await storage.getItem("none")) === null });
for await (const line of createInterface({ input: process.stdin })) {
  const each = JSON.parse(line);
  const store = each.partitions
    ? { cachePlugin: createPlugin(client, each.partitions) }
    : { storage };
  answer(await act(each, store).catch((error) => ({ error: `${error}` })));
}
await storage.dispose();
client.disconnect();
