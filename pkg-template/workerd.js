// Cloudflare Workers' entry. Importing the file gives the compiled module: Workers may not compile at run time.
import wasm from "./entra_device_code_bg.wasm";
import { provideModule } from "./lib/instance.js";
import { provideStores } from "./lib/store.js";
import { openStore } from "./lib/stores/stores.js";

provideModule(() => wasm);
provideStores(() => ({ openStore }));

export * from "./lib/index.js";
