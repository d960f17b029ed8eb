// Files through unstorage.
import { createStorage } from "unstorage";
import fsDriver from "unstorage/drivers/fs-lite";
import { act } from "./act.js";
import { answer, errand } from "./errand.js";

const storage = createStorage({ driver: fsDriver({ base: errand().folder }) });
answer(await act(errand(), { storage }));
await storage.dispose();
