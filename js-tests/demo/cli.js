/** A command line program that signs its user in with a device code. Started by run.js, which says where. */

import { DeviceCodeCredential } from "entra-device-code";

const { authority, tenantId, clientId, scope } = JSON.parse(process.env.DEMO ?? "");
let prompts = 0;
let waiting;

const credential = new DeviceCodeCredential({
  clientId,
  tenantId,
  authority,
  disableInstanceDiscovery: true, // a provider of our own, which Microsoft does not know
  promptCallback(verificationUri, userCode, expiresOn) {
    prompts += 1;
    console.log(`  Open   ${verificationUri}`);
    console.log(`  Code   ${userCode}   (until ${expiresOn.toLocaleTimeString()})\n`);
    process.stdout.write("Waiting for you to sign in ");
    waiting = setInterval(() => process.stdout.write("."), 1000);
    process.send?.({ verificationUri, userCode });
  },
});

try {
  console.log(`Signing in at ${authority}, tenant ${tenantId}\n`);
  const record = await credential.authenticate({ scopes: [scope] });
  clearInterval(waiting);
  console.log(`\n\nSigned in as ${record.username}, tenant ${record.tenantId}`);

  const first = await credential.getToken(scope);
  const minutes = Math.round((first.expiresOnTimestamp - Date.now()) / 60_000);
  console.log(`Token ${masked(first.token)}, valid for ${minutes} minutes`);

  const startedAt = performance.now();
  const second = await credential.getToken(scope);
  const took = (performance.now() - startedAt).toFixed(1);
  if (second.token !== first.token) throw new Error("the second token is not the cached one");
  if (prompts !== 1) throw new Error(`prompted ${prompts} times`);
  console.log(`Token again: the same, from the cache, in ${took} ms and without a prompt`);
} catch (error) {
  console.error("\nThe sign-in failed:", error);
  process.exitCode = 1;
} finally {
  clearInterval(waiting);
  credential.close();
  process.disconnect?.();
}

/** Enough to tell two tokens apart, too little to use one. */
function masked(token) {
  return `${token.slice(0, 4)}…${token.slice(-4)} (${token.length} characters)`;
}
