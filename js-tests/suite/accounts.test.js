/** Which accounts a cache keeps: `getAccounts`. */

import { AuthenticationRecord } from "entra-device-code";
import { deepEqual, equal, notEqual, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, fromNow, GRAPH, memoryPlugin, VAULT } from "./arrange.js";

const SILENTLY = { disableAutomaticAuthentication: true };
const HOST = "login.microsoftonline.com";
const DEFAULT_CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/** What a record is to say of a scenario's user. */
function recordOf({ user }, more) {
  return {
    authority: HOST,
    clientId: DEFAULT_CLIENT,
    homeAccountId: `${user.oid}.${user.tid}`,
    tenantId: "organizations",
    username: user.username,
    ...more,
  };
}

const fields = (records) => records.map((record) => ({ ...record }));
const byName = (one, other) => (one.username < other.username ? -1 : 1);

/** Two people, each with an Entra of their own, who share a cache. */
async function twoPeople(t, cachePersistenceOptions, options) {
  const ada = await arrange(t, { user: { username: "ada@contoso.com" } });
  const grace = await arrange(t, { user: { username: "grace@contoso.com" } });
  for (const { create } of [ada, grace]) {
    await create({ ...options, cachePersistenceOptions }).getToken(GRAPH);
  }
  return { ada, grace };
}

test("accounts: nobody's, without a cache and in an empty one, and nothing is asked or written", async (t) => {
  const { create, asked } = await arrange(t);
  const cachePlugin = memoryPlugin();
  deepEqual(await create().getAccounts(), []);
  deepEqual(await create({ cachePersistenceOptions: { cachePlugin } }).getAccounts(), []);
  equal(cachePlugin.writes, 0);
  deepEqual(await asked(), []);
});

test("accounts: one, as a record that a next credential uses silently", async (t) => {
  const { s, create, prompts, asked } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const { token } = await create({ cachePersistenceOptions }).getToken(GRAPH);
  const accounts = await create({ cachePersistenceOptions }).getAccounts();
  deepEqual(fields(accounts), [recordOf(s)]);
  const [authenticationRecord] = accounts;
  ok(authenticationRecord instanceof AuthenticationRecord);
  deepEqual(
    AuthenticationRecord.deserialize(authenticationRecord.serialize()),
    authenticationRecord,
  );

  const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
  equal((await next.getToken(GRAPH)).token, token);
  deepEqual(await asked(), ["devicecode", "token"]);
  equal((await next.getToken(ARM)).tokenType, "Bearer");
  equal(prompts.length, 1);
});

test("accounts: two, each silent for itself", async (t) => {
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const { ada, grace } = await twoPeople(t, cachePersistenceOptions);
  const accounts = (await ada.create({ cachePersistenceOptions }).getAccounts()).sort(byName);
  deepEqual(fields(accounts), [recordOf(ada.s), recordOf(grace.s)]);
  const tokens = [];
  for (const [n, { create, asked }] of [ada, grace].entries()) {
    const authenticationRecord = accounts[n];
    const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
    tokens.push((await next.getToken(GRAPH)).token);
    // Either Entra knows its own refresh tokens only.
    tokens.push((await next.getToken(VAULT)).token);
    deepEqual(await asked(), ["devicecode", "token", "refresh"]);
  }
  equal(new Set(tokens).size, 4);
});

test("accounts: the credential's own, kept in memory", async (t) => {
  const { s, create } = await arrange(t);
  const credential = create();
  const record = await credential.authenticate({ scopes: GRAPH });
  const accounts = await credential.getAccounts();
  deepEqual(fields(accounts), [recordOf(s)]);
  // A sign-in tells in which tenant it was; the cache knows the one that was asked for.
  deepEqual({ ...record }, recordOf(s, { tenantId: s.user.tid }));
});

test("accounts: one that signed in with a device flow", async (t) => {
  const { s, create } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const flow = await create().initiateDeviceFlow(GRAPH);
  await create({ cachePersistenceOptions }).acquireTokenByDeviceFlow(flow);
  deepEqual(fields(await create({ cachePersistenceOptions }).getAccounts()), [recordOf(s)]);
});

test("accounts: those of both caches, each once", async (t) => {
  const cachePersistenceOptions = { cachePlugin: memoryPlugin(), cachePluginCae: memoryPlugin() };
  const { ada, grace } = await twoPeople(t, cachePersistenceOptions);
  const heidi = await arrange(t, { user: { username: "heidi@contoso.com" } });
  for (const { create } of [ada, heidi]) {
    await create({ cachePersistenceOptions }).getToken(GRAPH, { enableCae: true });
  }
  const { create } = grace;
  const accounts = (await create({ cachePersistenceOptions }).getAccounts()).sort(byName);
  deepEqual(
    accounts.map(({ username }) => username),
    ["ada@contoso.com", "grace@contoso.com", "heidi@contoso.com"],
  );
  const authenticationRecord = accounts[2];
  const next = heidi.create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
  equal((await next.getToken(ARM, { enableCae: true })).tokenType, "Bearer");
});

test("accounts: the tenant is the credential's, where its tokens are kept", async (t) => {
  const { s, create, prompts } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const tenantId = s.user.tid;
  const { token } = await create({ tenantId, cachePersistenceOptions }).getToken(GRAPH);
  const here = await create({ tenantId, cachePersistenceOptions }).getAccounts();
  deepEqual(fields(here), [recordOf(s, { tenantId })]);
  const elsewhere = await create({
    tenantId: "fabrikam.com",
    cachePersistenceOptions,
  }).getAccounts();
  deepEqual(fields(elsewhere), [recordOf(s, { tenantId: "fabrikam.com" })]);
  const silently = { ...SILENTLY, cachePersistenceOptions };
  const next = create({ ...silently, authenticationRecord: here[0] });
  equal((await next.getToken(GRAPH)).token, token);
  const guest = create({ ...silently, authenticationRecord: elsewhere[0] });
  notEqual((await guest.getToken(GRAPH)).token, token);
  equal(prompts.length, 1);
});

for (const [spelling, authority] of Object.entries({
  "a host": "login.microsoftonline.us",
  "a URL": "https://login.microsoftonline.us",
  "a URL with a slash": "https://login.microsoftonline.us/",
  "capitals and blanks": " Login.MicrosoftOnline.US ",
})) {
  test(`accounts: the record's authority is a host though it was given as ${spelling}`, async (t) => {
    const { s, create } = await arrange(t);
    const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
    const credential = create({ authority, cachePersistenceOptions });
    const { authority: told } = await credential.authenticate({ scopes: GRAPH });
    // By the issuer of the stand-in's id tokens, which is always the public cloud's.
    equal(told, HOST);
    const accounts = await credential.getAccounts();
    deepEqual(fields(accounts), [recordOf(s, { authority: "login.microsoftonline.us" })]);
    const [authenticationRecord] = accounts;
    const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
    equal((await next.getToken(GRAPH)).tokenType, "Bearer");
  });
}

test("accounts: a tenant that was given in capitals", async (t) => {
  const { s, create } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const tenantId = s.user.tid.toUpperCase();
  const credential = create({ tenantId, cachePersistenceOptions });
  await credential.getToken(GRAPH);
  const [authenticationRecord] = await credential.getAccounts();
  const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
  equal((await next.getToken(GRAPH)).tokenType, "Bearer");
});

test("accounts: another host's and another application's are not this credential's", async (t) => {
  const { s, create } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  await create({ cachePersistenceOptions, clientId: "one" }).getToken(GRAPH);
  const others = { clientId: "other" };
  deepEqual(await create({ cachePersistenceOptions, ...others }).getAccounts(), []);
  const elsewhere = { clientId: "one", authority: "login.microsoftonline.us" };
  deepEqual(await create({ cachePersistenceOptions, ...elsewhere }).getAccounts(), []);
  const same = await create({ cachePersistenceOptions, clientId: "one" }).getAccounts();
  deepEqual(fields(same), [recordOf(s, { clientId: "one" })]);
});

test("accounts: one host by another of its names", async (t) => {
  const { s, create } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  await create({ cachePersistenceOptions, authority: "login.windows.net" }).getToken(GRAPH);
  const accounts = await create({ cachePersistenceOptions }).getAccounts();
  deepEqual(fields(accounts), [recordOf(s)]);
  const [authenticationRecord] = accounts;
  const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
  equal((await next.getToken(ARM)).tokenType, "Bearer");
});

test("accounts: an application of a family sees who signed in to another", async (t) => {
  const { s, create } = await arrange(t, { foci: true });
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  await create({ cachePersistenceOptions, clientId: "one" }).getToken(GRAPH);
  const other = create({ cachePersistenceOptions, clientId: "other" });
  const accounts = await other.getAccounts();
  deepEqual(fields(accounts), [recordOf(s, { clientId: "other" })]);
  const [authenticationRecord] = accounts;
  const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
  equal((await next.getToken(GRAPH)).tokenType, "Bearer");
});

test("accounts: one whose access tokens have all expired is there; one who can't renew is not", async (t) => {
  const { s, create } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const cachePersistenceOptions = { cachePlugin };
  await create({ cachePersistenceOptions }).getToken(GRAPH);
  cachePlugin.edit("AccessToken", (row) => {
    row.expires_on = String(fromNow(-60));
  });
  deepEqual(fields(await create({ cachePersistenceOptions }).getAccounts()), [recordOf(s)]);
  const cache = JSON.parse(cachePlugin.text);
  delete cache.RefreshToken;
  cachePlugin.text = JSON.stringify(cache);
  deepEqual(await create({ cachePersistenceOptions }).getAccounts(), []);
});

test("accounts: who came and who left meanwhile", async (t) => {
  const { s, create } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const observer = create({ cachePersistenceOptions });
  deepEqual(await observer.getAccounts(), []);
  const credential = create({ cachePersistenceOptions });
  await credential.getToken(GRAPH);
  deepEqual(fields(await observer.getAccounts()), [recordOf(s)]);
  await credential.removeAccount();
  deepEqual(await credential.getAccounts(), []);
  deepEqual(await observer.getAccounts(), []);
});

test("accounts: removeAccount removes the credential's own, and no other", async (t) => {
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const { ada, grace } = await twoPeople(t, cachePersistenceOptions);
  const all = await ada.create({ cachePersistenceOptions }).getAccounts();
  const authenticationRecord = all.find(({ username }) => username === ada.s.user.username);
  await ada.create({ authenticationRecord, cachePersistenceOptions }).removeAccount();
  const left = await ada.create({ cachePersistenceOptions }).getAccounts();
  deepEqual(fields(left), [recordOf(grace.s)]);
});

test("accounts: a store that can't be read has none, which is logged, and signs nobody out", async (t) => {
  const { create, log } = await arrange(t);
  const cachePlugin = memoryPlugin();
  cachePlugin.beforeCacheAccess = async () => {
    throw new Error("the disk is gone");
  };
  deepEqual(await create({ cachePersistenceOptions: { cachePlugin } }).getAccounts(), []);
  ok(log.some((line) => /^warning: .*the disk is gone/.test(line)));
  await rejects(create({ cachePersistenceOptions: { cachePlugin } }).removeAccount(), {
    name: "AuthenticationError",
    message: /^Who is to be signed out is not known: .*the disk is gone/,
  });
});

for (const garbage of [
  "garbage",
  "[]",
  '{"Account":7}',
  '{"Account":{"a":7,"b":{},"c":{"home_account_id":7}}}',
]) {
  test(`accounts: a store that holds ${garbage} has none, and keeps it`, async (t) => {
    const { create } = await arrange(t);
    const cachePlugin = memoryPlugin(garbage);
    deepEqual(await create({ cachePersistenceOptions: { cachePlugin } }).getAccounts(), []);
    equal(cachePlugin.text, garbage);
    equal(cachePlugin.writes, 0);
  });
}

test("accounts: while somebody signs in", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: null });
  const credential = create({ cachePersistenceOptions: { cachePlugin: memoryPlugin() } });
  const pending = credential.getToken(GRAPH);
  await s.waitForRequests(1, { endpoint: "token" });
  deepEqual(await credential.getAccounts(), []);
  await s.approve();
  await pending;
  equal((await credential.getAccounts()).length, 1);
});

test("accounts: needs no fetch", async (t) => {
  const { create } = await arrange(t);
  const fetch = () => {
    throw new Error("asked");
  };
  deepEqual(await create({ fetch }).getAccounts(), []);
});

test("accounts: not after close", async (t) => {
  const { create } = await arrange(t);
  const credential = create();
  credential.close();
  await rejects(credential.getAccounts(), {
    name: "CredentialUnavailableError",
    message: /closed/,
  });
});
