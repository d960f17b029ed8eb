/** `DistributedCachePlugin` of `@azure/msal-node`, which keeps a partition for each account. */

import { DistributedCachePlugin } from "@azure/msal-node";
import { DeviceCodeCredential } from "entra-device-code";
import { deepEqual, equal, ok, rejects } from "../../base/harness/assert.js";
import { createScenario } from "../../base/harness/scenario.js";
import { test } from "../../base/harness/suite.js";

const SCOPE = "User.Read";
const OTHER_SCOPE = "https://management.azure.com/.default";
const SILENTLY = { disableAutomaticAuthentication: true };

/** A database, sessions that remember their account, and a user who signs in. */
async function arrange(t) {
  const database = new Map();
  const client = {
    get: async (key) => database.get(key) ?? null,
    set: async (key, value) => {
      database.set(key, value);
      return value;
    },
  };
  return {
    database,
    /** A session of a program: until it knows its account, it knows no partition. */
    session(account = "") {
      const session = { account };
      const partitionManager = {
        getKey: async () => session.account,
        extractKey: async ({ homeAccountId }) => homeAccountId,
      };
      session.cachePlugin = new DistributedCachePlugin(client, partitionManager);
      return session;
    },
    async user() {
      const s = await createScenario();
      t.after(() => s.remove());
      const { oid, tid } = s.user;
      return {
        id: `${oid}.${tid}`,
        endpoints: async () => (await s.requests()).map(({ endpoint }) => endpoint),
        create: ({ cachePlugin }, options) =>
          new DeviceCodeCredential({
            tenantId: tid,
            fetch: s.fetch,
            userPromptCallback: () => {},
            cachePersistenceOptions: { cachePlugin },
            ...options,
          }),
      };
    },
  };
}

const rows = (text, table) => Object.values(JSON.parse(text)[table] ?? {});

test("distributed cache: the partition is the account's, though the session doesn't know it yet", async (t) => {
  const { database, session, user } = await arrange(t);
  const ada = await user();
  const first = session();
  const credential = ada.create(first);
  const authenticationRecord = await credential.authenticate({ scopes: SCOPE });
  deepEqual([...database.keys()], [ada.id]);

  // The session still reads nothing.
  await credential.getToken(OTHER_SCOPE);
  deepEqual(await ada.endpoints(), ["devicecode", "token", "refresh"]);
  equal(rows(database.get(ada.id), "AccessToken").length, 2);
  equal(database.size, 1);

  first.account = ada.id;
  await credential.getToken("api://a/read");
  equal(rows(database.get(ada.id), "AccessToken").length, 3);
  const next = ada.create(session(ada.id), { ...SILENTLY, authenticationRecord });
  for (const scope of [SCOPE, OTHER_SCOPE, "api://a/read"]) await next.getToken(scope);
  equal((await ada.endpoints()).length, 4);
});

test("distributed cache: another user of the session has another partition", async (t) => {
  const { database, session, user } = await arrange(t);
  const users = [await user(), await user()];
  const shared = session();
  const records = [];
  for (const each of users) {
    records.push(await each.create(shared).authenticate({ scopes: SCOPE }));
    shared.account = each.id;
  }
  deepEqual([...database.keys()].sort(), users.map(({ id }) => id).sort());
  for (const [n, each] of users.entries()) {
    const options = { ...SILENTLY, authenticationRecord: records[n] };
    await each.create(session(each.id), options).getToken(SCOPE);
  }
});

test("distributed cache: a session that forgets its account knows nobody", async (t) => {
  const { session, user } = await arrange(t);
  const ada = await user();
  const one = session();
  const credential = ada.create(one, SILENTLY);
  await credential.authenticate({ scopes: SCOPE });
  one.account = ada.id;
  await credential.getToken(OTHER_SCOPE);
  one.account = "";
  await rejects(credential.getToken("api://a/read"), { name: "AuthenticationRequiredError" });
});

for (const knows of [true, false]) {
  const whose = knows ? "its account" : "no account yet";
  test(`distributed cache: signing out of a session that knows ${whose}`, async (t) => {
    const { database, session, user } = await arrange(t);
    const ada = await user();
    const one = session();
    const credential = ada.create(one);
    const authenticationRecord = await credential.authenticate({ scopes: SCOPE });
    if (knows) one.account = ada.id;
    await credential.removeAccount();
    for (const text of database.values()) ok(!text.includes(ada.id), text);
    const next = ada.create(session(ada.id), { ...SILENTLY, authenticationRecord });
    await rejects(next.getToken(SCOPE), { name: "AuthenticationRequiredError" });
  });
}
