// The entry of bundles for Node, Deno and Bun: the module is in the code, compressed, and so is what knows files. It is
// imported at once: else some bundlers would make a second file of it.
import { Buffer } from "node:buffer";
import { brotliDecompressSync } from "node:zlib";
import base64 from "#brotli";
import { openStore } from "#stores";
import { provideModule } from "./lib/instance.js";
import { provideStores } from "./lib/store.js";

/** What it decompresses to fits into one chunk. */
const chunkSize = 1 << 18;

provideModule(() => {
  const compressed = Buffer.from(base64, "base64");
  return new WebAssembly.Module(brotliDecompressSync(compressed, { chunkSize }));
});
provideStores(() => ({ openStore }), { files: true });

export * from "./lib/index.js";
