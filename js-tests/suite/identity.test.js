/** Whose tokens a credential gives, whom it signs out, and what it says of that. */

import { AuthenticationRecord } from "entra-device-code";
import { deepEqual, equal, match, notEqual, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, GRAPH, memoryPlugin, VAULT } from "./arrange.js";
import { memoryStorage } from "./storages.js";

const NOBODY = { omit: ["client_info", "id_token"] };
const names = (records) => records.map(({ username }) => username).sort();
const warnings = (log) => log.filter((line) => line.startsWith("warning: "));

/** Two people, each with an Entra of their own, who share a cache. */
async function twoPeople(t, cachePersistenceOptions) {
  const people = [];
  for (const username of ["ada@contoso.com", "bob@contoso.com"]) {
    const person = await arrange(t, { user: { username } });
    await person.create({ cachePersistenceOptions }).getToken(GRAPH);
    people.push(person);
  }
  return people;
}

for (const [where, place] of Object.entries({
  "a plugin": () => ({ cachePlugin: memoryPlugin() }),
  "a storage": () => ({ storage: memoryStorage(), allowUnencryptedStorage: true }),
  "a storage in one item": () => ({
    storage: memoryStorage(),
    allowUnencryptedStorage: true,
    partitioned: false,
  }),
})) {
  test(`identity: whom the service does not name is kept nowhere, with ${where}`, async (t) => {
    const replies = { token: [NOBODY], refresh: [NOBODY] };
    const { create, prompts, log } = await arrange(t, { replies });
    const cachePersistenceOptions = place();
    const credential = create({ cachePersistenceOptions });
    const { token } = await credential.getToken(GRAPH);
    equal(warnings(log).length, 1);
    match(warnings(log)[0], /can't be kept/);
    // It serves here, and nobody else.
    equal((await credential.getToken(GRAPH)).token, token);
    notEqual((await credential.getToken(ARM)).token, token);
    equal(prompts.length, 1);
    const { cachePlugin, storage } = cachePersistenceOptions;
    equal(cachePlugin?.text ?? "", "");
    equal(storage?.items.size ?? 0, 0);
    const next = create({ cachePersistenceOptions, disableAutomaticAuthentication: true });
    deepEqual(await next.getAccounts(), []);
    await rejects(next.getToken(GRAPH), { name: "AuthenticationRequiredError" });
  });
}

test("identity: in memory, nothing is said of whom the service does not name", async (t) => {
  const { create, log } = await arrange(t, { replies: { token: [NOBODY] } });
  equal((await create().getToken(GRAPH)).tokenType, "Bearer");
  deepEqual(warnings(log), []);
});

test("identity: who answers in another's place is named, and so is the other", async (t) => {
  const ada = await arrange(t, { user: { username: "ada@contoso.com" } });
  const authenticationRecord = await ada.create().authenticate({ scopes: GRAPH });
  const { s, create, log } = await arrange(t, { user: { username: "bob@contoso.com" } });
  const record = await create({ authenticationRecord }).authenticate({ scopes: GRAPH });
  equal(record.homeAccountId, `${s.user.oid}.${s.user.tid}`);
  equal(warnings(log).length, 1);
  for (const name of ["ada@contoso.com", "bob@contoso.com"]) ok(warnings(log)[0].includes(name));
});

test("identity: removeAccount signs out the only one of a store, and says whom", async (t) => {
  const { create, prompts } = await arrange(t);
  const cachePlugin = memoryPlugin();
  const cachePersistenceOptions = { cachePlugin };
  await create({ cachePersistenceOptions }).getToken(GRAPH);
  const removed = await create({ cachePersistenceOptions }).removeAccount();
  deepEqual(names(removed), ["ada@contoso.com"]);
  ok(removed[0] instanceof AuthenticationRecord);
  deepEqual(cachePlugin.rows("RefreshToken"), []);
  deepEqual(await create({ cachePersistenceOptions }).getAccounts(), []);
  deepEqual(await create({ cachePersistenceOptions }).removeAccount(), []);
  equal(prompts.length, 1);
});

test("identity: removeAccount signs out nobody of several, until it is told whom", async (t) => {
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const [ada] = await twoPeople(t, cachePersistenceOptions);
  const credential = ada.create({ cachePersistenceOptions });
  await rejects(credential.removeAccount(), {
    name: "CredentialUnavailableError",
    message: /[Ss]everal accounts.*`removeAccount`.*`getAccounts`/,
  });
  const [first, second] = await credential.getAccounts();
  deepEqual(await credential.removeAccount({ ...second }), [second]);
  deepEqual(await credential.getAccounts(), [first]);
  deepEqual(await credential.removeAccount(null), [first]);
  deepEqual(await credential.getAccounts(), []);
});

test("identity: an item of its own is removed with a record", async (t) => {
  const storage = memoryStorage();
  const cachePersistenceOptions = { storage, allowUnencryptedStorage: true };
  const [ada, bob] = await twoPeople(t, cachePersistenceOptions);
  const record = await ada.create().authenticate({ scopes: GRAPH });
  const removed = await bob.create({ cachePersistenceOptions }).removeAccount(record);
  deepEqual(names(removed), ["ada@contoso.com"]);
  equal(storage.items.size, 1);
  ok([...storage.items.keys()][0].includes(bob.s.user.oid));
});

for (const [what, record] of Object.entries({
  "a name": "ada@contoso.com",
  "an array": [],
  "a record without an id": { authority: "h", clientId: "c", tenantId: "t", username: "u" },
  "another application's": {
    authority: "h",
    clientId: "other",
    homeAccountId: "a.b",
    tenantId: "t",
    username: "u",
  },
})) {
  test(`identity: removeAccount refuses ${what}`, async (t) => {
    const { create } = await arrange(t);
    const error = await rejects(create().removeAccount(/** @type {any} */ (record)), TypeError);
    match(error.message, /^`record/);
  });
}

test("identity: useStoredAccount needs neither a record nor a prompt", async (t) => {
  const { create, prompts, asked } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const options = { cachePersistenceOptions, useStoredAccount: true };
  const { token } = await create(options).getToken(GRAPH);
  equal((await create(options).getToken(GRAPH)).token, token);
  deepEqual(await asked(), ["devicecode", "token"]);
  equal((await create(options).getToken(VAULT, { enableCae: true })).tokenType, "Bearer");
  equal(prompts.length, 1);
});

test("identity: useStoredAccount takes none of several, and says how to choose", async (t) => {
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const [{ create, prompts }] = await twoPeople(t, cachePersistenceOptions);
  await rejects(create({ cachePersistenceOptions, useStoredAccount: true }).getToken(GRAPH), {
    name: "CredentialUnavailableError",
    message: /[Ss]everal accounts.*`getAccounts`.*`authenticationRecord`/,
  });
  equal(prompts.length, 1);
});

test("identity: useStoredAccount needs a store that knows its accounts", async (t) => {
  const { options, create } = await arrange(t);
  const stored = { storage: memoryStorage(), allowUnencryptedStorage: true };
  for (const cachePersistenceOptions of [undefined, stored]) {
    const wrong = () => create({ ...options(), cachePersistenceOptions, useStoredAccount: true });
    throws(wrong, /^`useStoredAccount` needs `cachePersistenceOptions`/);
  }
  const cachePersistenceOptions = { ...stored, partitioned: false };
  create({ cachePersistenceOptions, useStoredAccount: true });
  create({ useStoredAccount: false });
});

function throws(action, pattern) {
  try {
    action();
  } catch (error) {
    ok(error instanceof TypeError && pattern.test(error.message), String(error));
    return;
  }
  throw new Error("nothing was thrown");
}

test("identity: an account is found by its name, as the README says", async (t) => {
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const [ada, bob] = await twoPeople(t, cachePersistenceOptions);
  const options = { cachePersistenceOptions };
  const accounts = await ada.create(options).getAccounts();
  const authenticationRecord = accounts.find(({ username }) => username === "bob@contoso.com");
  const credential = bob.create({ ...options, authenticationRecord });
  await credential.getToken(GRAPH);
  await credential.getToken(VAULT);
  equal(bob.prompts.length, 1);
});

test("identity: whoever is asked though a sign-in is stored is told why", async (t) => {
  const { create, log, prompts } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const told = () => log.filter((line) => line.includes("a sign-in is stored")).length;
  await create({ cachePersistenceOptions }).getToken(GRAPH);
  equal(told(), 0);
  await create({ cachePersistenceOptions }).getToken(GRAPH);
  equal(told(), 1);
  equal(prompts.length, 2);
});

for (const [first, second] of [
  [false, true],
  [true, false],
]) {
  test(`identity: one sign-in serves both kinds of session, that with${first ? "" : "out"} CAE first`, async (t) => {
    const { s, create, prompts, asked } = await arrange(t);
    const cachePersistenceOptions = {
      cachePlugin: memoryPlugin(),
      cachePluginCae: memoryPlugin(),
    };
    const own = create({ cachePersistenceOptions, tenantId: s.user.tid });
    const authenticationRecord = await own.authenticate({ scopes: GRAPH, enableCae: first });
    // In the same process, and in another.
    for (const credential of [own, create({ cachePersistenceOptions, authenticationRecord })]) {
      const tokens = [];
      for (const enableCae of [second, first]) {
        const { token } = await credential.getToken(GRAPH, { enableCae });
        tokens.push(token);
      }
      equal(new Set(tokens).size, 2);
    }
    equal(prompts.length, 1);
    deepEqual(await asked(), ["devicecode", "token", "refresh"]);
  });
}

test("identity: a cached token needs no endpoint", async (t) => {
  const { s, create } = await arrange(t);
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const own = {
    authority: s.authority(),
    tenantId: s.id,
    fetch: undefined,
    disableInstanceDiscovery: true,
    cachePersistenceOptions,
  };
  const credential = create(own);
  const record = await credential.authenticate({ scopes: GRAPH });
  const { token } = await credential.getToken(GRAPH);
  const offline = () => {
    throw new TypeError("offline");
  };
  for (const options of [{ authenticationRecord: record }, { useStoredAccount: true }]) {
    const next = create({ ...own, ...options, fetch: offline });
    equal((await next.getToken(GRAPH)).token, token);
  }
});

test("identity: a provider on a port of its own that names only the subject", async (t) => {
  const claims = { sub: "ada-sub", aud: ["api", "client"], iss: "https://issuer.example" };
  const encode = (value) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const id_token = `${encode({})}.${encode(claims)}.x`;
  const { s, create } = await arrange(t, {
    replies: { token: [{ omit: ["client_info"], set: { id_token } }] },
  });
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const own = {
    authority: s.authority(),
    tenantId: s.id,
    clientId: "client",
    fetch: undefined,
    disableInstanceDiscovery: true,
    cachePersistenceOptions,
  };
  const record = await create(own).authenticate({ scopes: GRAPH });
  deepEqual(
    [record.clientId, record.homeAccountId, record.username],
    ["client", "ada-sub", "ada-sub"],
  );
  const accounts = await create(own).getAccounts();
  const { host } = new URL(s.authority());
  deepEqual(
    accounts.map(({ authority, username }) => [authority, username]),
    [[host, "ada-sub"]],
  );
  const [authenticationRecord] = accounts;
  const { authority: _, tenantId: __, ...rest } = own;
  await create({ ...rest, authenticationRecord }).getToken(GRAPH);
  deepEqual(names(await create(own).removeAccount(authenticationRecord)), ["ada-sub"]);
  deepEqual(await create(own).getAccounts(), []);
});
