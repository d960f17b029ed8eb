// A sign-in at the host that the program may connect to.
import { DeviceCodeCredential } from "entra-device-code";

const [authority, tenantId] = Deno.args;
const credential = new DeviceCodeCredential({
  authority,
  tenantId,
  disableInstanceDiscovery: true,
  promptCallback() {},
});
const { tokenType } = await credential.getToken("User.Read");
console.log(JSON.stringify({ tokenType }));
