/** Removes the key of a cache from the keyring: `forget.js NAME-OF-THE-FILE`. */

import { AsyncEntry } from "@napi-rs/keyring";

const entry = new AsyncEntry("entra-device-code", process.argv[2], {
  linux: { store: "secret-service" },
});
if (!(await entry.deletePassword())) throw new Error("there is no such key");
