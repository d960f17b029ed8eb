// The entry of those who load the module themselves: the same API, and the way to give it.
import { expectModule } from "./lib/instance.js";
import { provideStores } from "./lib/store.js";
import { openStore } from "./lib/stores/stores.js";

expectModule();
provideStores(() => ({ openStore }));

export { provideModule } from "./lib/given.js";
export * from "./lib/index.js";
