// Cloudflare Workers' entry. Importing the file gives the compiled module: Workers may not compile at run time.
import wasm from "./entra_device_code_bg.wasm";
import { provideModule } from "./lib/core.js";

provideModule(() => wasm);

export * from "./lib/index.js";
