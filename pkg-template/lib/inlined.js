// The module in the code itself, as base64 of the file or of what `open` makes the file of.
import { provideModule } from "./instance.js";

/**
 * Says that the module is here.
 *
 * @param {string} base64
 * @param {(bytes: Uint8Array<ArrayBuffer>) => BufferSource} [open]
 */
export function provideInlined(base64, open = (bytes) => bytes) {
  provideModule(
    () => new WebAssembly.Module(open(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)))),
  );
}
