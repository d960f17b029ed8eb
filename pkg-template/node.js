// Node's entry: the module is read from the file beside this one.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { provideModule } from "./lib/core.js";

provideModule(
  () => new WebAssembly.Module(readFileSync(join(__dirname, "entra_device_code_bg.wasm"))),
);

export * from "./lib/index.js";
