/** A cache that outlives the credential, through MSAL's `ICachePlugin`. */

import {
  AuthenticationRecord,
  deserializeAuthenticationRecord,
  serializeAuthenticationRecord,
  useIdentityPlugin,
} from "entra-device-code";
import { deepEqual, equal, match, notEqual, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, deferred, GRAPH, memoryPlugin, VAULT } from "./arrange.js";

const SILENTLY = { disableAutomaticAuthentication: true };

test("persistence: a record and a cache are all that the next process needs", async (t) => {
  const { s, create, prompts, asked } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const tenantId = s.user.tid;
  const first = create({ tenantId, cachePersistenceOptions });
  const serialized = (await first.authenticate({ scopes: GRAPH })).serialize();
  const { token } = await first.getToken(GRAPH);

  const authenticationRecord = AuthenticationRecord.deserialize(serialized);
  const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
  equal((await next.getToken(GRAPH)).token, token);
  deepEqual(await asked(), ["devicecode", "token"]);
  await next.getToken(ARM);
  equal(prompts.length, 1);
});

test("persistence: a record is an instance or a plain object, and comes in two spellings", async (t) => {
  const { create, prompts } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const record = await create({ cachePersistenceOptions }).authenticate({ scopes: GRAPH });
  const serialized = serializeAuthenticationRecord(record);
  equal(serialized, record.serialize());
  deepEqual(JSON.parse(serialized), { ...record, version: "1.0" });
  const records = [
    record,
    { ...record },
    JSON.parse(serialized),
    deserializeAuthenticationRecord(serialized),
  ];
  for (const authenticationRecord of records) {
    const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
    equal((await next.getToken(GRAPH)).tokenType, "Bearer");
  }
  equal(prompts.length, 1);
});

test("persistence: the store is not read before the first call", async (t) => {
  const { create } = await arrange(t);
  const plugin = memoryPlugin();
  let reads = 0;
  const cachePlugin = {
    beforeCacheAccess: (context) => {
      reads += 1;
      return plugin.beforeCacheAccess(context);
    },
    afterCacheAccess: (context) => plugin.afterCacheAccess(context),
  };
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  equal(reads, 0);
  await credential.getToken(GRAPH);
  ok(reads > 0);
});

test("persistence: without a record nobody is known", async (t) => {
  const { create } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  await create({ cachePersistenceOptions }).getToken(GRAPH);
  await rejects(create({ ...SILENTLY, cachePersistenceOptions }).getToken(GRAPH), {
    name: "AuthenticationRequiredError",
  });
});

test("persistence: a record without a cache needs the user", async (t) => {
  const { create, asked } = await arrange(t);
  const authenticationRecord = await create().authenticate({ scopes: GRAPH });
  const next = create({ ...SILENTLY, authenticationRecord });
  await rejects(next.getToken(GRAPH), { name: "AuthenticationRequiredError" });
  deepEqual(await asked(), ["devicecode", "token"]);
});

test("persistence: a program for @azure/identity adds its plugin, and names the option its way", async (t) => {
  const { create, prompts } = await arrange(t);
  equal(
    useIdentityPlugin(() => {
      throw new Error("there is nothing for it to add to");
    }),
    undefined,
  );
  const cachePlugin = memoryPlugin();
  const tokenCachePersistenceOptions = { enabled: true, cachePlugin };
  const authenticationRecord = await create({ tokenCachePersistenceOptions }).authenticate(GRAPH);
  const next = create({ ...SILENTLY, authenticationRecord, tokenCachePersistenceOptions });
  equal((await next.getToken(GRAPH)).tokenType, "Bearer");
  equal(prompts.length, 1);
});

test("persistence: the tables are MSAL's", async (t) => {
  const { s, create } = await arrange(t);
  const cachePlugin = memoryPlugin();
  await create({ cachePersistenceOptions: { cachePlugin } }).getToken(GRAPH);
  const cache = JSON.parse(cachePlugin.text);
  const id = `${s.user.oid}.${s.user.tid}`;
  const host = "login.microsoftonline.com";
  const client = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
  deepEqual(Object.keys(cache.Account), [`${id}-${host}-organizations`]);
  deepEqual(Object.keys(cache.IdToken), [`${id}-${host}-idtoken-${client}-organizations-`]);
  deepEqual(Object.keys(cache.AppMetadata), [`appmetadata-${host}-${client}`]);
  const [[key, row]] = Object.entries(cache.AccessToken);
  ok(key.startsWith(`${id}-${host}-accesstoken-${client}-organizations-`), key);
  equal(row.credential_type, "AccessToken");
  equal(row.home_account_id, id);
  match(row.expires_on, /^\d+$/);
  match(Object.keys(cache.RefreshToken)[0], new RegExp(`^${id}-${host}-refreshtoken-${client}--`));
});

test("persistence: sessions with Continuous Access Evaluation are kept apart", async (t) => {
  const { create } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const cachePluginCae = memoryPlugin();
  const credential = create({ cachePersistenceOptions: { cachePlugin, cachePluginCae } });
  const { token } = await credential.getToken(GRAPH, { enableCae: true });
  equal(cachePlugin.text, "");
  equal(cachePluginCae.rows("AccessToken")[0].secret, token);
});

test("persistence: without a place of their own they stay in memory", async (t) => {
  const { create } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  const first = await credential.getToken(GRAPH, { enableCae: true });
  equal((await credential.getToken(GRAPH, { enableCae: true })).token, first.token);
  equal(cachePlugin.text, "");
});

for (const method of ["beforeCacheAccess", "afterCacheAccess"]) {
  test(`persistence: a token is returned though ${method} fails`, async (t) => {
    const { create, log, prompts } = await arrange(t);
    const cachePlugin = memoryPlugin();
    cachePlugin[method] = async () => {
      throw new Error("the disk is full");
    };
    const credential = create({ cachePersistenceOptions: { cachePlugin } });
    const { token } = await credential.getToken(GRAPH);
    equal((await credential.getToken(GRAPH)).token, token);
    equal(prompts.length, 1);
    const warnings = log.filter((line) => line.startsWith("warning: "));
    ok(warnings.length > 0);
    for (const line of warnings) match(line, /the disk is full/);
  });

  test(`persistence: a token is returned though ${method} throws at once`, async (t) => {
    const { create } = await arrange(t);
    const cachePlugin = memoryPlugin();
    cachePlugin[method] = () => {
      throw new Error("the disk is full");
    };
    const { tokenType } = await create({
      cachePersistenceOptions: { cachePlugin },
    }).getToken(GRAPH);
    equal(tokenType, "Bearer");
  });
}

test("persistence: what could not be saved is saved the next time", async (t) => {
  const { create } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const { afterCacheAccess } = cachePlugin;
  cachePlugin.afterCacheAccess = async () => {
    throw new Error("the disk is full");
  };
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  await credential.getToken(GRAPH);
  cachePlugin.afterCacheAccess = afterCacheAccess;
  await credential.getToken(ARM);
  equal(cachePlugin.rows("AccessToken").length, 2);
});

for (const garbage of ["garbage", "[]", '"text"', "{", "\u0000\u0001", '{"AccessToken":7}']) {
  test(`persistence: a store that holds ${JSON.stringify(garbage)} is not overwritten`, async (t) => {
    const { create, log } = await arrange(t);
    const cachePlugin = memoryPlugin(garbage);
    const credential = create({ cachePersistenceOptions: { cachePlugin } });
    equal((await credential.getToken(GRAPH)).tokenType, "Bearer");
    // A table of a strange kind is somebody else's: it stays beside ours.
    if (garbage.startsWith("{") && garbage.endsWith("}")) return;
    equal(cachePlugin.text, garbage);
    ok(log.some((line) => line.startsWith("warning: ")));
  });
}

test("persistence: what others keep in the cache survives", async (t) => {
  const { create } = await arrange(t);
  const theirs = {
    AccessToken: { "their-key": { secret: "theirs", credential_type: "AccessToken", extra: [1] } },
    Theirs: { a: { b: 1.5e300, c: null, d: [true, "ü"] } },
    version: "of somebody",
  };
  const cachePlugin = memoryPlugin(JSON.stringify(theirs));
  await create({ cachePersistenceOptions: { cachePlugin } }).getToken(GRAPH);
  const cache = JSON.parse(cachePlugin.text);
  deepEqual(cache.Theirs, theirs.Theirs);
  equal(cache.version, theirs.version);
  equal(Object.keys(cache.AccessToken).length, 2);
  deepEqual(cache.AccessToken["their-key"], theirs.AccessToken["their-key"]);
});

test("persistence: two credentials that write at once lose neither's tokens", async (t) => {
  const { create } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const cachePersistenceOptions = { cachePlugin };
  await Promise.all([
    create({ cachePersistenceOptions, clientId: "one" }).getToken(GRAPH),
    create({ cachePersistenceOptions, clientId: "other" }).getToken(ARM),
  ]);
  deepEqual(
    cachePlugin
      .rows("AccessToken")
      .map(({ client_id }) => client_id)
      .sort(),
    ["one", "other"],
  );
});

test("persistence: a token that another process got meanwhile is found", async (t) => {
  const { s, create, prompts, asked } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const one = create({ tenantId: s.user.tid, cachePersistenceOptions });
  const authenticationRecord = await one.authenticate({ scopes: GRAPH });
  const other = create({ authenticationRecord, cachePersistenceOptions });
  const { token } = await other.getToken(VAULT);
  equal((await one.getToken(VAULT)).token, token);
  equal(prompts.length, 1);
  equal((await asked()).filter((endpoint) => endpoint === "refresh").length, 1);
});

test("persistence: a cached token is returned without reading the store again", async (t) => {
  const { create } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  await credential.getToken(GRAPH);
  const { reads, writes } = cachePlugin;
  for (let n = 0; n < 5; n++) await credential.getToken(GRAPH);
  equal(cachePlugin.reads, reads);
  equal(cachePlugin.writes, writes);
});

test("persistence: the plugin is asked to release what it took, whatever happens", async (t) => {
  const { create } = await arrange(t);
  let held = 0;
  const cachePlugin = memoryPlugin("garbage");
  const { beforeCacheAccess, afterCacheAccess } = cachePlugin;
  Object.assign(cachePlugin, {
    async beforeCacheAccess(context) {
      held += 1;
      await beforeCacheAccess.call(this, context);
    },
    async afterCacheAccess(context) {
      held -= 1;
      await afterCacheAccess.call(this, context);
    },
  });
  await create({ cachePersistenceOptions: { cachePlugin } }).getToken(GRAPH);
  equal(held, 0);
});

test("persistence: removeAccount signs out, here and in the store", async (t) => {
  const { s, create, prompts } = await arrange(t);
  const cachePlugin = memoryPlugin('{"Theirs":{"a":1}}');
  const cachePluginCae = memoryPlugin();
  const cachePersistenceOptions = { cachePlugin, cachePluginCae };
  const credential = create({ cachePersistenceOptions });
  const authenticationRecord = await credential.authenticate({ scopes: GRAPH });
  await credential.authenticate(GRAPH, { enableCae: true });
  const before = await credential.getToken(GRAPH);
  equal(prompts.length, 2);

  const [removed] = await credential.removeAccount();
  equal(removed.homeAccountId, authenticationRecord.homeAccountId);
  for (const { text } of [cachePlugin, cachePluginCae]) {
    const { AccessToken = {}, RefreshToken = {}, IdToken = {}, Account = {} } = JSON.parse(text);
    deepEqual([AccessToken, RefreshToken, IdToken, Account], [{}, {}, {}, {}]);
    ok(!text.includes(s.user.username) && !text.includes(s.user.oid), text);
  }
  deepEqual(JSON.parse(cachePlugin.text).Theirs, { a: 1 });
  const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
  await rejects(next.getToken(GRAPH), { name: "AuthenticationRequiredError" });

  notEqual((await credential.getToken(GRAPH)).token, before.token);
  equal(prompts.length, 3);
});

test("persistence: removeAccount before anyone signed in does nothing", async (t) => {
  const { create, asked } = await arrange(t);
  const cachePlugin = memoryPlugin();
  deepEqual(await create().removeAccount(), []);
  deepEqual(await create({ cachePersistenceOptions: { cachePlugin } }).removeAccount(), []);
  equal(cachePlugin.writes, 0);
  deepEqual(await asked(), []);
});

test("persistence: removeAccount says if the store could not be written", async (t) => {
  const { create } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  await credential.getToken(GRAPH);
  const reason = new Error("the disk is read-only");
  cachePlugin.afterCacheAccess = async () => {
    throw reason;
  };
  const error = await rejects(credential.removeAccount(), { message: /the disk is read-only/ });
  // Not the plugin's own, which may hold the cache.
  ok(error.cause !== reason && error.cause instanceof Error);
  equal(error.cause.message, "the disk is read-only");
});

test("persistence: a store that never answers holds nobody up who gives up", async (t) => {
  const { create } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const asked = deferred();
  cachePlugin.beforeCacheAccess = () => {
    asked.resolve();
    return new Promise(() => {});
  };
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  const ends = rejects(credential.getToken(GRAPH), { name: "CredentialUnavailableError" });
  await asked.promise;
  credential.close();
  await ends;
});
