// Node's entry: the module is read from the file beside this one, and so is what knows stores.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { provideModule } from "./lib/instance.js";
import { provideStores } from "./lib/store.js";

provideModule(
  () => new WebAssembly.Module(readFileSync(join(__dirname, "entra_device_code_bg.wasm"))),
);
provideStores(() => import("#stores"), { files: true });

export * from "./lib/index.js";
