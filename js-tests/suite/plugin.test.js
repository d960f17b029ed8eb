/** What plugins do that are not as careful, or not as simple, as those of `persistence.test.js`. */

import { deepEqual, equal, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, GRAPH, memoryPlugin } from "./arrange.js";

const SILENTLY = { disableAutomaticAuthentication: true };

const aMoment = () => new Promise((resolve) => setTimeout(resolve, 5 * Math.random()));

/** Reads, and writes later, without a lock; each process has one of its own. */
function carelessPlugin(place) {
  return {
    async beforeCacheAccess({ tokenCache }) {
      await aMoment();
      tokenCache.deserialize(place.text);
      await aMoment();
    },
    async afterCacheAccess({ cacheHasChanged, tokenCache }) {
      await aMoment();
      if (cacheHasChanged) place.text = tokenCache.serialize();
      await aMoment();
    },
  };
}

test("plugin: many who write at once without a lock lose nobody's account", async (t) => {
  const place = { text: "" };
  const people = await Promise.all(Array.from({ length: 4 }, () => arrange(t)));
  const options = () => ({ cachePersistenceOptions: { cachePlugin: carelessPlugin(place) } });
  const records = await Promise.all(
    people.map(({ create }) => create(options()).authenticate({ scopes: GRAPH })),
  );
  equal(Object.keys(JSON.parse(place.text).Account).length, people.length);
  for (const [n, authenticationRecord] of records.entries()) {
    await people[n].create({ ...SILENTLY, ...options(), authenticationRecord }).getToken(GRAPH);
  }
});

test("plugin: what another writer overwrites is written again", async (t) => {
  const { create } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const { afterCacheAccess } = cachePlugin;
  let overwritten = 0;
  cachePlugin.afterCacheAccess = async function (context) {
    await afterCacheAccess.call(this, context);
    if (context.cacheHasChanged && overwritten++ < 2) this.text = `{"Theirs":{"n":${overwritten}}}`;
  };
  await create({ cachePersistenceOptions: { cachePlugin } }).getToken(GRAPH);
  equal(cachePlugin.writes, 3);
  equal(cachePlugin.rows("AccessToken").length, 1);
  deepEqual(cachePlugin.rows("Theirs"), [2]);
});

test("plugin: one that overwrites for ever costs no token", async (t) => {
  const { create, log } = await arrange(t);
  const cachePlugin = memoryPlugin();
  let overwritten = 0;
  cachePlugin.afterCacheAccess = async function ({ cacheHasChanged }) {
    if (cacheHasChanged) this.text = `{"Theirs":{"n":${overwritten++}}}`;
  };
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  const { token } = await credential.getToken(GRAPH);
  equal((await credential.getToken(GRAPH)).token, token);
  ok(overwritten > 1 && overwritten < 20, `${overwritten}`);
  ok(log.some((line) => line.startsWith("warning: ")));
});

test("plugin: one that keeps nothing is not asked to again and again", async (t) => {
  const { create, prompts } = await arrange(t);
  let writes = 0;
  const cachePlugin = {
    beforeCacheAccess: async ({ tokenCache }) => tokenCache.deserialize(null),
    afterCacheAccess: async ({ cacheHasChanged }) => {
      if (cacheHasChanged) writes += 1;
    },
  };
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  await credential.getToken(GRAPH);
  equal(writes, 1);
  await credential.getToken(ARM);
  equal(writes, 2);
  equal(prompts.length, 1);
});

test("plugin: with one alone, what is for CAE is kept in memory", async (t) => {
  const { create, prompts, asked } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  const { token } = await credential.getToken(GRAPH, { enableCae: true });
  await credential.getToken(ARM);
  const before = await asked();
  equal((await credential.getToken(GRAPH, { enableCae: true })).token, token);
  deepEqual(await asked(), before);
  equal(prompts.length, 1);
  ok(!cachePlugin.text.includes(token));
  equal((await credential.removeAccount()).length, 1);
  await rejects(credential.getToken(GRAPH, { enableCae: true, signal: AbortSignal.timeout(50) }));
});

test("plugin: one may give the cache as an object", async (t) => {
  const { create, prompts } = await arrange(t);
  const cachePlugin = memoryPlugin();
  cachePlugin.beforeCacheAccess = async function ({ tokenCache }) {
    tokenCache.deserialize(this.text && JSON.parse(this.text));
  };
  const cachePersistenceOptions = { cachePlugin };
  const first = create({ cachePersistenceOptions });
  const authenticationRecord = await first.authenticate({ scopes: GRAPH });
  const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
  await next.getToken(GRAPH);
  equal(prompts.length, 1);
});

test("plugin: the rows of the cache, as msal-common has them", async (t) => {
  const { s, create } = await arrange(t);
  const homeAccountId = `${s.user.oid}.${s.user.tid}`;
  const theirs = {
    Account: {
      "their-key": {
        home_account_id: "uid.utid",
        environment: "login.microsoftonline.com",
        realm: "utid",
        local_account_id: "uid",
        username: "eve@contoso.com",
        authority_type: "MSSTS",
      },
    },
  };
  const cachePlugin = memoryPlugin(JSON.stringify(theirs));
  const { afterCacheAccess } = cachePlugin;
  const stores = { changed: [], same: [] };
  cachePlugin.afterCacheAccess = function (context) {
    const { cacheHasChanged, tokenCache } = context;
    stores[cacheHasChanged ? "changed" : "same"].push(Object.values(tokenCache.getKVStore()));
    return afterCacheAccess.call(this, context);
  };
  const isAccount = (row) => "localAccountId" in row && "username" in row;
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  await credential.getToken(GRAPH);
  const [before] = stores.same;
  deepEqual(
    before.map((row) => [row.homeAccountId, row.localAccountId, row.authorityType]),
    [["uid.utid", "uid", "MSSTS"]],
  );
  const written = stores.changed.at(-1);
  deepEqual(written.map(({ credentialType }) => credentialType ?? "").sort(), [
    "",
    "",
    "AccessToken",
    "IdToken",
    "RefreshToken",
  ]);
  // The one that it is about.
  const accounts = written.filter(isAccount);
  equal(accounts.length, 1);
  equal(accounts[0].homeAccountId, homeAccountId);
  equal(accounts[0].username, s.user.username);

  // When it is gone, too.
  await credential.removeAccount();
  deepEqual(
    stores.changed
      .at(-1)
      .filter(isAccount)
      .map((row) => row.homeAccountId),
    [homeAccountId],
  );
  deepEqual(Object.keys(JSON.parse(cachePlugin.text).Account), ["their-key"]);
});

test("plugin: what is no cache is left as it is, and signing out says so", async (t) => {
  const { create } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  await credential.getToken(GRAPH);
  cachePlugin.text = "garbage";
  await rejects(credential.removeAccount(), { message: /no JSON object/ });
  equal(cachePlugin.text, "garbage");
});
