// The entry of bundles, which may be one file with nothing beside it, and of hosts nobody told us about: the module is in
// the code. It costs a third more bytes than the file, so the runtimes above read that instead.
import base64 from "#base64";
import { provideModule } from "./lib/instance.js";
import { provideStores } from "./lib/store.js";
import { openStore } from "./lib/stores/stores.js";

provideModule(() => new WebAssembly.Module(bytesOf(atob(base64))));
provideStores(() => ({ openStore }));

export * from "./lib/index.js";

/**
 * The bytes of a string that has a character for each. By a plain loop: what takes a function for each takes ten times as long.
 *
 * @param {string} binary
 */
function bytesOf(binary) {
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
