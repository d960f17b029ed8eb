// The entry of those who load the module themselves: the same API, and the way to give it.
import { expectModule, provideUnlessMade } from "./lib/core.js";
import { provideStores } from "./lib/store.js";
import * as stores from "./lib/stores/stores.js";

expectModule();
provideStores(() => stores);

/** Gives the compiled module. The first credential instantiates it. */
export function provideModule(module) {
  // Not `instanceof`: in a VM's context, it may be a module of another.
  if (Object.prototype.toString.call(module) !== "[object WebAssembly.Module]") {
    throw new TypeError("`module` must be a WebAssembly.Module, such as WebAssembly.compile gives");
  }
  provideUnlessMade(() => module);
}

export * from "./lib/index.js";
