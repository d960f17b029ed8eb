/** One cache for `@azure/msal-node` and this package, through `ICachePlugin`. */

import { PublicClientApplication } from "@azure/msal-node";
import { DeviceCodeCredential } from "entra-device-code";
import { deepEqual, equal, notEqual, ok } from "../../base/harness/assert.js";
import { createScenario } from "../../base/harness/scenario.js";
import { test } from "../../base/harness/suite.js";

const CLIENT_ID = "7b0d2d6e-58f5-4f3b-8f7a-2f0c1d0f3a55";
const HOST = "login.microsoftonline.com";
const SCOPE = "User.Read";
const STRANGE = {
  AccessToken: { theirs: { secret: "s", credential_type: "AccessToken", odd: { deep: [1, "ü"] } } },
  Later: { a: { b: null } },
};

/** A scenario, one store, and both libraries using it. */
async function arrange(t, text = "") {
  const s = await createScenario();
  t.after(() => s.remove());
  const store = { text };
  const cachePlugin = {
    beforeCacheAccess: async ({ tokenCache }) => tokenCache.deserialize(store.text),
    afterCacheAccess: async ({ cacheHasChanged, tokenCache }) => {
      if (cacheHasChanged) store.text = tokenCache.serialize();
    },
  };
  const { tid } = s.user;
  return {
    s,
    store,
    msal: (plugin = cachePlugin) =>
      new PublicClientApplication({
        auth: { clientId: CLIENT_ID, authority: `https://${HOST}/${tid}` },
        system: { networkClient: networkClient(s.fetch) },
        cache: { cachePlugin: plugin },
      }),
    create: (options) =>
      new DeviceCodeCredential({
        clientId: CLIENT_ID,
        tenantId: tid,
        fetch: s.fetch,
        userPromptCallback: () => {},
        cachePersistenceOptions: { cachePlugin },
        ...options,
      }),
  };
}

/** MSAL's way to lend it a transport. */
function networkClient(fetch) {
  const send = (method) => async (url, options) => {
    const { headers, body } = options ?? {};
    const response = await fetch(url, { method, headers, body });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.json(),
    };
  };
  return { sendGetRequestAsync: send("GET"), sendPostRequestAsync: send("POST") };
}

const signIn = (app) =>
  app.acquireTokenByDeviceCode({ scopes: [SCOPE], deviceCodeCallback: () => {} });

function recordOf({ account }) {
  const { homeAccountId, tenantId, username } = account;
  return { authority: HOST, clientId: CLIENT_ID, homeAccountId, tenantId, username };
}

const endpoints = async (s) => (await s.requests()).map(({ endpoint }) => endpoint);

test("msal cache: what msal-node wrote serves us silently", async (t) => {
  const { s, msal, create } = await arrange(t);
  const theirs = await signIn(msal());
  const before = (await endpoints(s)).length;
  const credential = create({
    authenticationRecord: recordOf(theirs),
    disableAutomaticAuthentication: true,
  });
  equal((await credential.getToken(SCOPE)).token, theirs.accessToken);
  equal((await endpoints(s)).length, before);
  const renewed = await credential.getToken("https://management.azure.com/.default");
  notEqual(renewed.token, theirs.accessToken);
  deepEqual((await endpoints(s)).slice(before), ["refresh"]);
});

test("msal cache: what we wrote serves msal-node silently", async (t) => {
  const { s, msal, create } = await arrange(t);
  const credential = create();
  const record = await credential.authenticate({ scopes: SCOPE });
  const { token } = await credential.getToken(SCOPE);
  const app = msal();
  const accounts = await app.getAllAccounts();
  deepEqual(
    accounts.map(({ homeAccountId, username, environment }) => [
      homeAccountId,
      username,
      environment,
    ]),
    [[record.homeAccountId, record.username, HOST]],
  );
  const [account] = accounts;
  const silent = await app.acquireTokenSilent({ account, scopes: [SCOPE] });
  equal(silent.accessToken, token);
  equal(silent.fromCache, true);
  const renewed = await app.acquireTokenSilent({ account, scopes: [SCOPE], forceRefresh: true });
  notEqual(renewed.accessToken, token);
  equal((await endpoints(s)).filter((each) => each === "devicecode").length, 1);
});

test("msal cache: each finds what the other renewed", async (t) => {
  const { s, msal, create } = await arrange(t);
  const app = msal();
  const theirs = await signIn(app);
  const credential = create({ authenticationRecord: recordOf(theirs) });
  const arm = "https://management.azure.com/.default";
  const ours = await credential.getToken(arm);
  const [account] = await app.getAllAccounts();
  const found = await app.acquireTokenSilent({ account, scopes: [arm] });
  equal(found.accessToken, ours.token);
  equal(found.fromCache, true);
  const renewed = await app.acquireTokenSilent({
    account,
    scopes: ["api://a/read"],
    forceRefresh: true,
  });
  equal((await credential.getToken("api://a/read")).token, renewed.accessToken);
  equal((await s.requests("devicecode")).length, 1);
});

test("msal cache: removing the account here is signing out there", async (t) => {
  const { msal, create } = await arrange(t);
  const theirs = await signIn(msal());
  await create({ authenticationRecord: recordOf(theirs) }).removeAccount();
  deepEqual(await msal().getAllAccounts(), []);
});

test("msal cache: signing out there is being unknown here", async (t) => {
  const { msal, create } = await arrange(t);
  const app = msal();
  const theirs = await signIn(app);
  const [account] = await app.getAllAccounts();
  await app.getTokenCache().removeAccount(account);
  const credential = create({
    authenticationRecord: recordOf(theirs),
    disableAutomaticAuthentication: true,
  });
  const error = await credential.getToken(SCOPE).catch((reason) => reason);
  equal(error.name, "AuthenticationRequiredError");
});

test("msal cache: what neither knows survives both", async (t) => {
  const { store, msal, create } = await arrange(t, JSON.stringify(STRANGE));
  const record = await create().authenticate({ scopes: SCOPE });
  const rows = JSON.parse(store.text);
  deepEqual(rows.Later, STRANGE.Later);
  deepEqual(rows.AccessToken.theirs, STRANGE.AccessToken.theirs);

  // A field of a later version, in a row of ours that msal-node reads.
  const [account] = Object.values(rows.Account);
  account.a_later_field = { x: 1 };
  store.text = JSON.stringify(rows);
  const app = msal();
  const [found] = await app.getAllAccounts();
  await app.acquireTokenSilent({ account: found, scopes: [SCOPE], forceRefresh: true });
  const credential = create({ authenticationRecord: record });
  await credential.getToken("api://a/read");
  const after = JSON.parse(store.text);
  deepEqual(after.Later, STRANGE.Later);
  deepEqual(Object.values(after.Account)[0].a_later_field, { x: 1 });
  ok(Object.keys(after.AccessToken).length >= 3);
});
