// The entry of those who load the module themselves, where there are files.
import { provideFileStore } from "./lib/store.js";

provideFileStore(() => import("#files"));

export * from "./core.js";
