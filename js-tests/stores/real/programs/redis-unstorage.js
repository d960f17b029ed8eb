// Redis through unstorage.
import { createStorage } from "unstorage";
import redisDriver from "unstorage/drivers/redis";
import { act } from "./act.js";
import { answer, errand } from "./errand.js";

const storage = createStorage({ driver: redisDriver({ url: errand().redis }) });
answer(await act(errand(), { storage }));
await storage.dispose();
