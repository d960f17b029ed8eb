// Signs in and says who did: node node-cli.js
import { DeviceCodeCredential } from "entra-device-code";

const credential = new DeviceCodeCredential({
  tenantId: process.env.AZURE_TENANT_ID,
  clientId: process.env.AZURE_CLIENT_ID,
  // On stderr: stdout is for what the program answers.
  userPromptCallback: ({ message }) => console.error(message),
});
const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort(new Error("Interrupted")));

try {
  const { token } = await credential.getToken("https://graph.microsoft.com/User.Read", {
    abortSignal: interrupt.signal,
  });
  const response = await fetch("https://graph.microsoft.com/v1.0/me", {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`Microsoft Graph answered ${response.status}`);
  const { displayName, userPrincipalName } = await response.json();
  console.log(`${displayName} <${userPrincipalName}>`);
} catch (error) {
  console.error(error.message);
  if (error.hint) console.error(error.hint);
  process.exitCode = 1;
}
