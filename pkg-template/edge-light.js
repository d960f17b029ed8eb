// The entry of Vercel's edge runtime, whose build makes a compiled module of what is imported so.
import wasm from "./entra_device_code_bg.wasm?module";
import { provideModule } from "./lib/instance.js";
import { provideStores } from "./lib/store.js";
import { openStore } from "./lib/stores/stores.js";

provideModule(() => wasm);
provideStores(() => ({ openStore }));

export * from "./lib/index.js";
