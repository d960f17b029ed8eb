/** The key of a cache, in the keyring: `key.js CACHE get`, `key.js CACHE delete` or `key.js CACHE set KEY`. */

import { AsyncEntry } from "@napi-rs/keyring";

const [cache, command, key] = process.argv.slice(2);
const entry = new AsyncEntry("entra-device-code", cache, { linux: { store: "secret-service" } });
if (command === "set") await entry.setPassword(key);
else if (command === "delete") await entry.deletePassword();
else console.log(await entry.getPassword());
