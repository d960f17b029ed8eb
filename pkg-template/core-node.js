// The entry of those who load the module themselves, where there are files.
import { expectModule } from "./lib/instance.js";
import { provideStores } from "./lib/store.js";

expectModule();
provideStores(() => import("#stores"), { files: true });

export { provideModule } from "./lib/given.js";
export * from "./lib/index.js";
