// The entry of bundles, which may be one file with nothing beside it, and of hosts nobody told us about: the module is in
// the code. It costs a third more bytes than the file, so the runtimes above read that instead.
import base64 from "#base64";
import { provideInlined } from "./lib/inlined.js";
import { provideStores } from "./lib/store.js";
import { openStore } from "./lib/stores/stores.js";

provideInlined(base64);
provideStores(() => ({ openStore }));

export * from "./lib/index.js";
