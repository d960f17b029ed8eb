// Loads the module itself.
import { readFile } from "node:fs/promises";
import { DeviceCodeCredential, provideModule } from "entra-device-code/core";
import { createEntra } from "./entra.js";

const said = {};
const note = (name, action) => {
  try {
    action();
  } catch (error) {
    said[name] = `${error.name}: ${error.message}`;
  }
};
note("tooEarly", () => new DeviceCodeCredential());
note("notOne", () => provideModule(new Uint8Array()));
const file = new URL(import.meta.resolve("entra-device-code/wasm"));
const module = await WebAssembly.compile(await readFile(file));
provideModule(module);
const credential = new DeviceCodeCredential({ fetch: createEntra(), promptCallback() {} });
provideModule(module); // too late to matter
new DeviceCodeCredential();
said.token = (await credential.getToken("User.Read")).token;
console.log(JSON.stringify(said));
