// The entry of bundles for Node, Deno and Bun: the module is in the code, and so is what knows files. It is imported at once:
// else some bundlers would make a second file of it.
import "./inline.mjs";
import * as stores from "#stores";
import { provideStores } from "./lib/store.js";

provideStores(() => stores, { files: true });

export * from "./lib/index.js";
