// The entry of Vercel's edge runtime, whose build makes a compiled module of what is imported so.
import wasm from "./entra_device_code_bg.wasm?module";
import { provideModule } from "./lib/core.js";

provideModule(() => wasm);

export * from "./lib/index.js";
