// The entry of those who load the module themselves, where there are files.
import { provideStores } from "./lib/store.js";

provideStores(() => import("#stores"), { files: true });

export * from "./core.js";
