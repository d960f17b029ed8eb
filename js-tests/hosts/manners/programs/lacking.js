// What a host without `WebAssembly`, and then one without `fetch`, is told.
import { DeviceCodeCredential } from "entra-device-code";

const { WebAssembly } = globalThis;
const said = {};
delete globalThis.WebAssembly;
try {
  new DeviceCodeCredential();
} catch ({ name, message }) {
  said.webAssembly = `${name}: ${message}`;
}
globalThis.WebAssembly = WebAssembly;
const credential = new DeviceCodeCredential();
delete globalThis.fetch;
const begun = Date.now();
await credential.getToken("User.Read").catch(({ name, message }) => {
  said.fetch = `${name}: ${message}`;
});
said.took = Date.now() - begun;
console.log(JSON.stringify(said));
