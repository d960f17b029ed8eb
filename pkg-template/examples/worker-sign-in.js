// Signs in for worker.js, on a machine where somebody can read a code: node worker-sign-in.js
import { writeFile } from "node:fs/promises";
import { DeviceCodeCredential } from "entra-device-code";

let cache = "";
const credential = new DeviceCodeCredential({
  tenantId: process.env.AZURE_TENANT_ID,
  clientId: process.env.AZURE_CLIENT_ID,
  cachePersistenceOptions: {
    cachePlugin: {
      async beforeCacheAccess({ tokenCache }) {
        tokenCache.deserialize(cache);
      },
      async afterCacheAccess({ cacheHasChanged, tokenCache }) {
        if (cacheHasChanged) cache = tokenCache.serialize();
      },
    },
  },
});
const record = await credential.authenticate("https://graph.microsoft.com/User.Read");
await writeFile("record.json", record.serialize());
await writeFile("cache.json", cache, { mode: 0o600 }); // it holds tokens

console.log(`Signed in as ${record.username}. Give this to the Worker:
  npx wrangler secret put AUTHENTICATION_RECORD < record.json
  npx wrangler kv key put cache --binding TOKENS --remote --path cache.json
  rm cache.json`);
