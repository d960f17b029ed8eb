// One of several processes that share a store and an account: gets tokens, for one errand after another, each a line.
import { createInterface } from "node:readline";
import Redis from "ioredis";
import { createStorage } from "unstorage";
import redisDriver from "unstorage/drivers/redis";
import { open } from "./act.js";
import { answer, errand } from "./errand.js";
import { createPlugin } from "./plugin.js";

const { place, redis, partitions, keeps, ...rest } = errand();
const client = new Redis(redis);
const storage = createStorage({ driver: redisDriver({ url: redis }) });
const STORES = {
  files: () => ({ allowUnencryptedStorage: true }),
  storage: () => ({ storage }),
  plugin: () => ({ cachePlugin: createPlugin(client, partitions) }),
};

let user;
answer({ ready: (await client.ping()) === "PONG" && (await storage.getItem("none")) === null });
for await (const line of createInterface({ input: process.stdin })) {
  // Whoever keeps none begins anew each time, as a command line program does.
  if (!keeps || !user) user = open(rest, STORES[place]());
  const { scope, signsIn } = JSON.parse(line);
  const work = signsIn
    ? user.credential.authenticate().then((record) => ({ record }))
    : user.credential.getToken(scope).then(({ token }) => ({ token }));
  const outcome = await work.catch((error) => ({ error: `${error}` }));
  answer({ ...outcome, prompts: user.prompts.splice(0), warnings: user.warnings.splice(0) });
}
await storage.dispose();
client.disconnect();
