// A module that the program gives.
import { provideUnlessMade } from "./instance.js";

/**
 * Gives the compiled module. The first credential instantiates it.
 *
 * @param {WebAssembly.Module} module
 */
export function provideModule(module) {
  // Not `instanceof`: in a VM's context, it may be a module of another.
  if (Object.prototype.toString.call(module) !== "[object WebAssembly.Module]") {
    throw new TypeError("`module` must be a WebAssembly.Module, such as WebAssembly.compile gives");
  }
  provideUnlessMade(() => module);
}
