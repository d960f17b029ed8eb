// Nothing but the sign-in keeps this alive; and nothing at all when it is over.
import { DeviceCodeCredential } from "entra-device-code";
import { createEntra } from "./entra.js";

new DeviceCodeCredential(); // nor does this
const credential = new DeviceCodeCredential({ fetch: createEntra(), promptCallback() {} });
const begun = Date.now();
credential.getToken("User.Read").then(async ({ token }) => {
  const again = await credential.getToken("User.Read");
  console.log(JSON.stringify({ token, same: again.token === token, took: Date.now() - begun }));
  const over = Date.now();
  process.on("exit", () => console.log(JSON.stringify({ lingered: Date.now() - over })));
});
