// Redis through MSAL's plugin for distributed caches.
import Redis from "ioredis";
import { act } from "./act.js";
import { answer, errand } from "./errand.js";
import { createPlugin } from "./plugin.js";

const { redis, partitions } = errand();
const client = new Redis(redis);
answer(await act(errand(), { cachePlugin: createPlugin(client, partitions) }));
client.disconnect();
