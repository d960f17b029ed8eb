// Node's entry: the module is read from the file beside this one, and there are files.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { provideModule } from "./lib/core.js";
import { provideFileStore } from "./lib/store.js";

provideModule(
  () => new WebAssembly.Module(readFileSync(join(__dirname, "entra_device_code_bg.wasm"))),
);
provideFileStore(() => import("#files"));

export * from "./lib/index.js";
