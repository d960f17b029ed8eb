/** For those who load the WebAssembly module themselves. */

import { DeviceCodeCredential, provideModule } from "entra-device-code/core";
import wasm from "entra-device-code/wasm";

provideModule(wasm);

export const credential: DeviceCodeCredential = new DeviceCodeCredential();
