// The entry of bundles, which may be one file with nothing beside it, and of hosts nobody told us about: the module is in
// the code. It costs a third more bytes than the file, so the runtimes above read that instead.
import base64 from "#base64";
import { provideModule } from "./lib/core.js";
import { provideStores } from "./lib/store.js";
import * as stores from "./lib/stores/stores.js";

provideModule(
  () => new WebAssembly.Module(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))),
);
provideStores(() => stores);

export * from "./lib/index.js";
