// @azure/msal-node itself, with the same plugin: signs in, or gets a token for the one account that it finds.
import { PublicClientApplication } from "@azure/msal-node";
import Redis from "ioredis";
import { reaching } from "./act.js";
import { answer, errand } from "./errand.js";
import { createPlugin } from "./plugin.js";

const CLIENT_ID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"; // ours, if none is given

const { base, tenantId, redis, partitions, scope = "User.Read" } = errand();
const client = new Redis(redis);
const fetch = reaching(base);
const send =
  (method) =>
  async (url, { headers, body } = {}) => {
    const response = await fetch(url, { method, headers, body });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.json(),
    };
  };
const app = new PublicClientApplication({
  auth: { clientId: CLIENT_ID, authority: `https://login.microsoftonline.com/${tenantId}` },
  system: {
    networkClient: { sendGetRequestAsync: send("GET"), sendPostRequestAsync: send("POST") },
  },
  cache: { cachePlugin: createPlugin(client, partitions) },
});

const scopes = [scope];
if (errand().do === "sign in") {
  const result = await app.acquireTokenByDeviceCode({ scopes, deviceCodeCallback() {} });
  const { homeAccountId, username, environment } = result.account;
  const record = { authority: environment, clientId: CLIENT_ID, homeAccountId, tenantId, username };
  answer({ token: result.accessToken, record });
} else {
  const accounts = await app.getAllAccounts();
  const result = await app.acquireTokenSilent({ account: accounts[0], scopes });
  answer({ token: result.accessToken, accounts: accounts.map((each) => each.homeAccountId) });
}
client.disconnect();
