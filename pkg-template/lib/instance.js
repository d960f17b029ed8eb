// The one WebAssembly instance of a process or isolate, made when the first credential is constructed, and made anew
// after it has died: when it ran out of memory, say.
import { createGlue } from "#glue";
import { createError } from "./errors.js";
import { endAll } from "./life.js";

/** @import { Instance } from "./types.js" */
/** @typedef {() => WebAssembly.Module} Compile */
/** @typedef {(...args: unknown[]) => unknown} Export */

/**
 * Gives the compiled module.
 *
 * @type {Compile}
 */
let compile;
/** @type {Instance | undefined} */
let living;

/**
 * What an export gives that can't be called any more: none of what the glue looks for.
 *
 * @type {readonly never[]}
 */
const NOTHING = Object.freeze([]);

/**
 * Says where the compiled module comes from; each runtime's entry does, once.
 *
 * @param {Compile} provide
 */
export function provideModule(provide) {
  compile = provide;
}

/**
 * Says it for a caller who may come too late.
 *
 * @param {Compile} provide
 */
export function provideUnlessMade(provide) {
  if (!living) compile = provide;
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

/** The instance. It has the class, and `died` once it has: an error that says so. */
export function instance() {
  if (!living || living.died) living = instantiate();
  return living;
}

function instantiate() {
  if (typeof WebAssembly === "undefined") {
    throw new Error("entra-device-code needs WebAssembly, which this runtime does not have.");
  }
  // Its own glue for each instance, as that has state. `a` is what its module is called once names are short.
  const glue = createGlue();
  const { exports } = new WebAssembly.Instance(compile(), { a: glue });
  /** @type {Instance} */
  const made = { DeviceCodeCredential: glue.DeviceCodeCredential, died: undefined };
  glue.__wbg_set_wasm(guarded(exports, made));
  glue.start();
  return made;
}

/**
 * The exports, none of which throws. Rust catches what its imports throw, so whatever comes out of an export means that the
 * instance can't be trusted any more: it has died, and is not called again.
 *
 * @param {WebAssembly.Exports} exports
 * @param {Instance} made
 */
function guarded(exports, made) {
  const guard =
    (/** @type {Export} */ call) =>
    (/** @type {unknown[]} */ ...args) => {
      if (made.died) return NOTHING;
      try {
        return call(...args);
      } catch (cause) {
        made.died ??= createError(
          "AuthenticationError",
          "The WebAssembly instance of entra-device-code failed and was given up. Call again: a new one is made.",
          { cause },
        );
        endAll(made.died);
        return NOTHING;
      }
    };
  const entries = Object.entries(exports);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      typeof value === "function" ? guard(/** @type {Export} */ (value)) : value,
    ]),
  );
}
