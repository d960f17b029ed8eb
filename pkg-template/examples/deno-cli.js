#!/usr/bin/env -S deno run --allow-read --allow-env=AZURE_TENANT_ID --allow-net=login.microsoftonline.com,management.azure.com
// Lists your Azure subscriptions: ./deno-cli.js
import { DeviceCodeCredential } from "npm:entra-device-code";

const credential = new DeviceCodeCredential({
  tenantId: Deno.env.get("AZURE_TENANT_ID"),
  promptCallback: (verificationUri, userCode, expiresOn) => {
    console.error(`Open ${verificationUri} and enter ${userCode}`);
    console.error(`before ${expiresOn.toLocaleTimeString()}.`);
  },
});

const { token } = await credential.getToken("https://management.azure.com/.default");
const response = await fetch("https://management.azure.com/subscriptions?api-version=2022-12-01", {
  headers: { authorization: `Bearer ${token}` },
});
if (!response.ok) throw new Error(`Azure answered ${response.status}`);
for (const { subscriptionId, displayName } of (await response.json()).value) {
  console.log(`${subscriptionId}  ${displayName}`);
}
