// The one WebAssembly instance of a process or isolate, made when the first credential is constructed.
import * as glue from "#glue";

/** Gives the compiled module; null once the instance is made. */
let compile;

/** Says where the compiled module comes from; each runtime's entry does, once. */
export function provideModule(provide) {
  compile = provide;
}

/** Says it for a caller who may come too late. */
export function provideUnlessMade(provide) {
  if (compile !== null) compile = provide;
}

/** Where nobody has said it yet, and the caller must: so that a credential constructed before tells why it can't be. */
export function expectModule() {
  if (compile === undefined) {
    compile = () => {
      throw new Error(
        "call `provideModule` of entra-device-code/core before constructing a credential",
      );
    };
  }
}

/** The class that the instance exports. */
export function core() {
  if (compile) {
    if (typeof WebAssembly === "undefined") {
      throw new Error("entra-device-code needs WebAssembly, which this runtime does not have.");
    }
    const { exports } = new WebAssembly.Instance(compile(), {
      "./entra_device_code_bg.js": glue,
    });
    glue.__wbg_set_wasm(exports);
    exports.__wbindgen_start();
    compile = null;
  }
  return glue.Core;
}
