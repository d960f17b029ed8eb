// The entry of bundles for Node, Deno and Bun: the module is in the code, compressed, and so is what knows files. It is
// imported at once: else some bundlers would make a second file of it.
import { brotliDecompressSync } from "node:zlib";
import base64 from "#brotli";
import { openStore } from "#stores";
import { provideInlined } from "./lib/inlined.js";
import { provideStores } from "./lib/store.js";

provideInlined(base64, brotliDecompressSync);
provideStores(() => ({ openStore }), { files: true });

export * from "./lib/index.js";
