// Is over at once.
import { DeviceCodeCredential } from "entra-device-code";

new DeviceCodeCredential();
const begun = Date.now();
process.on("exit", () => console.log(JSON.stringify({ lingered: Date.now() - begun })));
