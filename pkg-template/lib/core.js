// The one WebAssembly instance of a process or isolate, made when the first credential is constructed.
import * as glue from "#glue";

let compile;

/** Says where the compiled module comes from; each runtime's entry does, once. */
export function provideModule(provide) {
  compile = provide;
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
    compile = undefined;
  }
  return glue.Core;
}
