/** A cache that outlives the credential, in a storage such as the web's. */

import { DeviceCodeCredential } from "entra-device-code";
import { deepEqual, equal, match, notEqual, ok, rejects, throws } from "../base/harness/assert.js";
import { testServers } from "../base/harness/servers.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, GRAPH, memoryPlugin, VAULT } from "./arrange.js";
import { memoryStorage, parsingStorage, randomKey, webStorage } from "./storages.js";

const PLAIN = { allowUnencryptedStorage: true };
const SILENTLY = { disableAutomaticAuthentication: true };

/** Where an account of the scenario is kept. */
function itemOf({ user }, cache = "msal.cache.nocae") {
  return `${cache}.${user.oid}.${user.tid}`;
}

const rows = (text, table) => Object.values(JSON.parse(text)[table] ?? {});
const warnings = (log) => log.filter((line) => line.startsWith("warning: "));

const STORAGES = { sync: webStorage, async: memoryStorage, parsing: parsingStorage };
const LAYOUTS = { "one item": { partitioned: false }, "items of accounts": { partitioned: true } };
const SECRECY = { plain: () => PLAIN, sealed: () => ({ encryptionKey: randomKey() }) };

for (const [kind, createStorage] of Object.entries(STORAGES)) {
  for (const [how, layout] of Object.entries(LAYOUTS)) {
    for (const [secret, secrecy] of Object.entries(SECRECY)) {
      test(`storage: ${kind}, ${how}, ${secret}: the next process is silent`, async (t) => {
        const { s, create, prompts, asked, log } = await arrange(t);
        const storage = createStorage();
        const cachePersistenceOptions = { storage, ...layout, ...secrecy() };
        const tenantId = s.user.tid;
        const first = create({ tenantId, cachePersistenceOptions });
        const authenticationRecord = await first.authenticate({ scopes: GRAPH });
        const { token } = await first.getToken(GRAPH);
        const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
        equal((await next.getToken(GRAPH)).token, token);
        deepEqual(await asked(), ["devicecode", "token"]);
        await next.getToken(ARM);
        equal(prompts.length, 1);
        deepEqual(warnings(log), []);
      });
    }
  }
}

test("storage: the names of items", async (t) => {
  const { s, create } = await arrange(t);
  const enableCae = true;
  const expected = async (options, names) => {
    const storage = memoryStorage();
    const credential = create({ cachePersistenceOptions: { storage, ...PLAIN, ...options } });
    await credential.getToken(GRAPH);
    await credential.authenticate(GRAPH, { enableCae });
    deepEqual([...storage.items.keys()], names);
  };
  await Promise.all([
    expected({}, [itemOf(s), itemOf(s, "msal.cache.cae")]),
    expected({ name: "app" }, [itemOf(s, "app.nocae"), itemOf(s, "app.cae")]),
    expected({ partitioned: false }, ["msal.cache.nocae", "msal.cache.cae"]),
    expected({ name: "app", partitioned: false }, ["app.nocae", "app.cae"]),
  ]);
});

test("storage: an account whose name is no good as a key", async (t) => {
  const oid = "a/b\\c:d?e f%";
  const { s, create, log } = await arrange(t, { user: { oid } });
  const storage = parsingStorage();
  const cachePersistenceOptions = { storage, ...PLAIN };
  const first = create({ cachePersistenceOptions });
  const authenticationRecord = await first.authenticate({ scopes: GRAPH });
  deepEqual(
    [...storage.items.keys()],
    [`msal.cache.nocae.${encodeURIComponent(`${oid}.${s.user.tid}`)}`],
  );
  const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
  await next.getToken(GRAPH);
  deepEqual(warnings(log), []);
});

test("storage: an item is a cache of MSAL's, with the rows of its account", async (t) => {
  const { s, create } = await arrange(t);
  const other = await arrange(t);
  const storage = memoryStorage();
  const cachePersistenceOptions = { storage, ...PLAIN };
  await create({ cachePersistenceOptions }).getToken(GRAPH);
  await other.create({ cachePersistenceOptions }).getToken(GRAPH);
  deepEqual([...storage.items.keys()].sort(), [itemOf(s), itemOf(other.s)].sort());
  for (const { user } of [s, other.s]) {
    const text = storage.items.get(itemOf({ user }));
    const tables = ["AccessToken", "RefreshToken", "IdToken", "Account"];
    const owners = tables.flatMap((table) => rows(text, table)).map((row) => row.home_account_id);
    deepEqual(owners, Array(4).fill(`${user.oid}.${user.tid}`));
    equal(rows(text, "AppMetadata").length, 1);
  }
});

test("storage: the storage is not read before the first call, nor for a cached token", async (t) => {
  const { create } = await arrange(t);
  let reads = 0;
  const storage = memoryStorage();
  const { getItem } = storage;
  storage.getItem = (key) => {
    reads += 1;
    return getItem(key);
  };
  const credential = create({ cachePersistenceOptions: { storage, ...PLAIN } });
  equal(reads, 0);
  await credential.getToken(GRAPH);
  const before = reads;
  ok(before > 0);
  for (let n = 0; n < 5; n++) await credential.getToken(GRAPH);
  equal(reads, before);
});

for (const [how, layout] of Object.entries(LAYOUTS)) {
  test(`storage: ${how}: many who write at once lose nobody's account`, async (t) => {
    const items = new Map();
    const people = await Promise.all(Array.from({ length: 4 }, () => arrange(t)));
    const options = () => ({
      // Each has a storage of its own over the same items, as processes have.
      cachePersistenceOptions: { storage: memoryStorage(items), ...PLAIN, ...layout },
    });
    const records = await Promise.all(
      people.map(({ create }) => create(options()).authenticate({ scopes: GRAPH })),
    );
    for (const [n, authenticationRecord] of records.entries()) {
      const next = people[n].create({ ...SILENTLY, ...options(), authenticationRecord });
      await next.getToken(GRAPH);
    }
  });

  test(`storage: ${how}: credentials of one account lose neither's tokens`, async (t) => {
    const { create } = await arrange(t);
    const storage = memoryStorage();
    const cachePersistenceOptions = { storage, ...PLAIN, ...layout };
    const first = create({ cachePersistenceOptions });
    const authenticationRecord = await first.authenticate({ scopes: GRAPH });
    const scopes = [ARM, VAULT, "api://one/read", "api://other/read"];
    await Promise.all(
      scopes.map((scope) =>
        create({ authenticationRecord, cachePersistenceOptions }).getToken(scope),
      ),
    );
    const [text] = storage.items.values();
    equal(rows(text, "AccessToken").length, scopes.length + 1);
  });
}

test("storage: what another writer overwrites is written again", async (t) => {
  const { create } = await arrange(t);
  const storage = memoryStorage();
  const { setItem } = storage;
  let overwritten = 0;
  storage.setItem = async (key, value) => {
    await setItem.call(storage, key, value);
    // Somebody who read before we wrote.
    if (overwritten++ < 2) storage.items.set(key, `{"Theirs":{"n":{"n":${overwritten}}}}`);
  };
  const cachePersistenceOptions = { storage, partitioned: false, ...PLAIN };
  await create({ cachePersistenceOptions }).getToken(GRAPH);
  const [text] = storage.items.values();
  equal(rows(text, "AccessToken").length, 1);
  deepEqual(rows(text, "Theirs"), [{ n: 2 }]);
});

for (const [how, layout] of Object.entries(LAYOUTS)) {
  for (const [secret, secrecy] of Object.entries(SECRECY)) {
    test(`storage: ${how}, ${secret}: removeAccount signs out`, async (t) => {
      const { s, create } = await arrange(t);
      const other = await arrange(t);
      const storage = memoryStorage();
      const cachePersistenceOptions = { storage, ...layout, ...secrecy() };
      const credential = create({ cachePersistenceOptions });
      const authenticationRecord = await credential.authenticate({ scopes: GRAPH });
      await credential.authenticate(GRAPH, { enableCae: true });
      const stays = await other.create({ cachePersistenceOptions }).authenticate({ scopes: GRAPH });

      await credential.removeAccount();
      if (layout.partitioned) deepEqual([...storage.items.keys()], [itemOf(other.s)]);
      else if (secret === "plain") {
        for (const text of storage.items.values()) ok(!text.includes(s.user.oid), text);
      }
      const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
      await rejects(next.getToken(GRAPH), { name: "AuthenticationRequiredError" });
      const theirs = { ...SILENTLY, authenticationRecord: stays, cachePersistenceOptions };
      await other.create(theirs).getToken(GRAPH);
    });
  }
}

test("storage: removeAccount says if the item could not be removed", async (t) => {
  const { create } = await arrange(t);
  const storage = memoryStorage();
  const credential = create({ cachePersistenceOptions: { storage, ...PLAIN } });
  await credential.getToken(GRAPH);
  const reason = Object.assign(new RangeError("the database is read-only"), {
    code: "READONLY",
    command: ["SET", ...storage.items.entries()],
  });
  storage.removeItem = async () => {
    throw reason;
  };
  const error = await rejects(credential.removeAccount(), { message: /database is read-only/ });
  // Not the database's own, which may hold what was stored: of ioredis, it has the whole command.
  const { name, code, message } = error.cause;
  deepEqual([name, code, message], ["RangeError", "READONLY", "the database is read-only"]);
  ok(error.cause !== reason && error.cause instanceof Error);
  ok(!JSON.stringify(error.cause).includes("secret"));
});

const broken = new Error("the network is down");
const FAILURES = {
  throws() {
    throw broken;
  },
  rejects: () => Promise.reject(broken),
};

for (const [how, fails] of Object.entries(FAILURES)) {
  for (const method of ["getItem", "setItem"]) {
    for (const partitioned of [true, false]) {
      const what = partitioned ? "" : ", one item";
      test(`storage: a token is returned though ${method} ${how}${what}`, async (t) => {
        const { create, log, prompts } = await arrange(t);
        const storage = memoryStorage();
        storage[method] = fails;
        const credential = create({
          cachePersistenceOptions: { storage, partitioned, ...PLAIN },
        });
        const { token } = await credential.getToken(GRAPH);
        equal((await credential.getToken(GRAPH)).token, token);
        equal(prompts.length, 1);
        ok(warnings(log).some((line) => line.includes("the network is down")));
      });
    }
  }
}

test("storage: what could not be saved is saved the next time", async (t) => {
  const { create } = await arrange(t);
  const storage = memoryStorage();
  const { setItem } = storage;
  storage.setItem = FAILURES.rejects;
  const credential = create({ cachePersistenceOptions: { storage, ...PLAIN } });
  await credential.getToken(GRAPH);
  storage.setItem = setItem;
  await credential.getToken(ARM);
  const [text] = storage.items.values();
  equal(rows(text, "AccessToken").length, 2);
});

for (const method of ["getItem", "setItem"]) {
  const name = `storage: a token is returned though ${method} never answers`;
  test(name, { timeout: 60_000 }, async (t) => {
    const { create, log } = await arrange(t);
    const storage = memoryStorage();
    storage[method] = () => new Promise(() => {});
    const credential = create({ cachePersistenceOptions: { storage, ...PLAIN } });
    const { token } = await credential.getToken(GRAPH);
    equal((await credential.getToken(GRAPH)).token, token);
    ok(warnings(log).length > 0);
  });
}

for (const garbage of ["garbage", "[]", '"text"', "7", "{", "\u0000\u0001"]) {
  for (const partitioned of [true, false]) {
    const what = `${JSON.stringify(garbage)}${partitioned ? "" : ", one item"}`;
    test(`storage: what is no cache is set aside: ${what}`, async (t) => {
      const { s, create, log } = await arrange(t);
      const storage = parsingStorage();
      const item = partitioned ? itemOf(s) : "msal.cache.nocae";
      storage.items.set(item, garbage);
      const cachePersistenceOptions = { storage, partitioned, ...PLAIN };
      const credential = create({ tenantId: s.user.tid, cachePersistenceOptions });
      const authenticationRecord = await credential.authenticate({ scopes: GRAPH });
      const { token } = await credential.getToken(GRAPH);
      const aside = [...storage.items.keys()].filter((key) => key.includes(".unreadable"));
      equal(aside.length, 1);
      match(aside[0], /\.unreadable$/);
      equal(aside[0].replace(/\.unreadable.*/, ""), item);
      const kept = storage.items.get(aside[0]);
      equal(kept.startsWith('"') ? JSON.parse(kept) : kept, garbage.replace(/^"|"$/g, ""));
      ok(warnings(log).some((line) => line.includes(aside[0])));
      const next = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
      equal((await next.getToken(GRAPH)).token, token);
    });
  }
}

test("storage: what can't be set aside is not overwritten", async (t) => {
  const { s, create, log } = await arrange(t);
  const storage = memoryStorage(new Map([[itemOf(s), "garbage"]]));
  const { setItem } = storage;
  storage.setItem = async (key, value) => {
    if (key.includes(".unreadable")) throw new Error("no room");
    await setItem.call(storage, key, value);
  };
  const credential = create({ cachePersistenceOptions: { storage, ...PLAIN } });
  equal((await credential.getToken(GRAPH)).tokenType, "Bearer");
  deepEqual([...storage.items], [[itemOf(s), "garbage"]]);
  ok(warnings(log).some((line) => line.includes("no room")));
});

for (const value of [new Uint8Array([123, 125]), new ArrayBuffer(2), new Map()]) {
  const { name } = value.constructor;
  test(`storage: a ${name} is no cache, and is not overwritten`, async (t) => {
    const { s, create, log } = await arrange(t);
    const storage = memoryStorage(new Map([[itemOf(s), value]]));
    const credential = create({ cachePersistenceOptions: { storage, ...PLAIN } });
    equal((await credential.getToken(GRAPH)).tokenType, "Bearer");
    deepEqual([...storage.items.keys()], [itemOf(s)]);
    equal(storage.items.get(itemOf(s)), value);
    ok(warnings(log).length > 0);
  });
}

test("storage: what others keep in an item survives", async (t) => {
  const { s, create } = await arrange(t);
  const theirs = { Theirs: { a: { b: 1.5, c: null, d: [true, "ü"] } }, version: "of somebody" };
  const storage = parsingStorage();
  storage.items.set(itemOf(s), JSON.stringify(theirs));
  await create({ cachePersistenceOptions: { storage, ...PLAIN } }).getToken(GRAPH);
  const cache = JSON.parse(storage.items.get(itemOf(s)));
  deepEqual(cache.Theirs, theirs.Theirs);
  equal(cache.version, theirs.version);
});

test("storage: an error that repeats the cache is repeated without it", async (t) => {
  const { create, log } = await arrange(t);
  const storage = memoryStorage();
  const credential = create({
    cachePersistenceOptions: { storage, ...PLAIN },
    enableSupportLogging: true,
  });
  await credential.getToken(GRAPH);
  const [text] = storage.items.values();
  const secrets = ["AccessToken", "RefreshToken", "IdToken"].flatMap((table) => rows(text, table));
  equal(secrets.length, 3);
  storage.setItem = storage.removeItem = async (key) => {
    throw new Error(`no room for ${text}\nunder ${key}`);
  };
  await credential.getToken(ARM);
  const error = await rejects(credential.removeAccount(), { message: /no room for/ });
  ok(warnings(log).some((line) => line.includes("no room for")));
  for (const { secret } of secrets) {
    for (const line of [...log, error.message]) ok(!line.includes(secret), line);
  }
});

const storage = memoryStorage();
const cachePlugin = memoryPlugin();

/** What is wrong → the options, and the name in the message. */
const BAD_OPTIONS = {
  "a storage that is a string": [{ storage: "cache", ...PLAIN }, "storage"],
  "a storage without getItem": [{ storage: { ...storage, getItem: null }, ...PLAIN }, "getItem"],
  "a storage without setItem": [{ storage: { ...storage, setItem: 1 }, ...PLAIN }, "setItem"],
  "a storage without removeItem": [
    { storage: { getItem() {}, setItem() {} }, ...PLAIN },
    "removeItem",
  ],
  "a storage with neither key nor leave": [{ storage }, "allowUnencryptedStorage"],
  "a storage without leave": [{ storage, allowUnencryptedStorage: false }, "encryptionKey"],
  "leave that is a string": [
    { storage, allowUnencryptedStorage: "yes" },
    "allowUnencryptedStorage",
  ],
  "leave in two spellings": [
    { storage, allowUnencryptedStorage: true, unsafeAllowUnencryptedStorage: false },
    "allowUnencryptedStorage",
  ],
  "partitioned as a string": [{ storage, ...PLAIN, partitioned: "no" }, "partitioned"],
  "partitioned without a storage": [{ partitioned: true }, "partitioned"],
  "a key that is a string": [{ storage, encryptionKey: "x".repeat(32) }, "encryptionKey"],
  "a key of 31 bytes": [{ storage, encryptionKey: new Uint8Array(31) }, "encryptionKey"],
  "a key of 32 numbers": [{ storage, encryptionKey: Array(32).fill(7) }, "encryptionKey"],
  "a key in an ArrayBuffer": [{ storage, encryptionKey: new ArrayBuffer(32) }, "encryptionKey"],
  "a key of words": [{ storage, encryptionKey: new Uint32Array(32) }, "encryptionKey"],
  "a key that is an object": [{ storage, encryptionKey: {} }, "encryptionKey"],
  "an empty name": [{ storage, ...PLAIN, name: "" }, "name"],
  "a name that is a number": [{ storage, ...PLAIN, name: 7 }, "name"],
  "a name that is a path": [{ storage, ...PLAIN, name: "../cache" }, "name"],
  "a name with a backslash": [{ storage, ...PLAIN, name: "a\\b" }, "name"],
  "a name of a dot": [{ storage, ...PLAIN, name: "." }, "name"],
  "a name of dots": [{ storage, ...PLAIN, name: ".." }, "name"],
  "a name with a line break": [{ storage, ...PLAIN, name: "a\nb" }, "name"],
  "a name with a zero": [{ storage, ...PLAIN, name: "a\u0000b" }, "name"],
  "a name with a question mark": [{ storage, ...PLAIN, name: "a?b" }, "name"],
  "a storage and a plugin": [{ storage, ...PLAIN, cachePlugin }, "storage"],
  "a key and a plugin": [{ encryptionKey: new Uint8Array(32), cachePlugin }, "encryptionKey"],
  "a name and a plugin": [{ name: "app", cachePlugin }, "name"],
  "partitioned and a plugin": [{ partitioned: false, cachePlugin }, "partitioned"],
  "a plugin for CAE alone": [{ cachePluginCae: cachePlugin }, "cachePluginCae"],
  "enabled as a string": [{ enabled: "yes", storage, ...PLAIN }, "enabled"],
};

for (const [what, [given, name]] of Object.entries(BAD_OPTIONS)) {
  test(`storage: the constructor refuses ${what}`, () => {
    for (const spelling of ["cachePersistenceOptions", "tokenCachePersistenceOptions"]) {
      const error = throws(() => new DeviceCodeCredential({ [spelling]: given }), TypeError);
      match(error.message, new RegExp(`^\`${spelling}\\.\\w+\``));
      match(error.message, new RegExp(`\`[\\w.]*${name}[\\w.: ]*\``));
    }
  });
}

const BAD_KEYS = {
  "is too short": [{ name: "AES-GCM", length: 128 }, ["encrypt", "decrypt"]],
  "only encrypts": [{ name: "AES-GCM", length: 256 }, ["encrypt"]],
  "only decrypts": [{ name: "AES-GCM", length: 256 }, ["decrypt"]],
  "is for another cipher": [{ name: "AES-CBC", length: 256 }, ["encrypt", "decrypt"]],
  "is for signatures": [{ name: "HMAC", hash: "SHA-256", length: 256 }, ["sign", "verify"]],
};

for (const [what, [algorithm, usages]] of Object.entries(BAD_KEYS)) {
  test(`storage: the constructor refuses a CryptoKey that ${what}`, async () => {
    const encryptionKey = await crypto.subtle.generateKey(algorithm, false, usages);
    const options = { cachePersistenceOptions: { storage, encryptionKey } };
    const error = throws(() => new DeviceCodeCredential(options), TypeError);
    match(error.message, /^`cachePersistenceOptions\.encryptionKey` must be/);
  });
}

test("storage: `enabled: false` keeps the tokens in memory", async (t) => {
  const { create } = await arrange(t);
  const unused = memoryStorage();
  const options = { enabled: false, storage: unused, unsafeAllowUnencryptedStorage: true };
  const credential = create({ tokenCachePersistenceOptions: options });
  const { token } = await credential.getToken(GRAPH);
  equal((await credential.getToken(GRAPH)).token, token);
  equal(unused.items.size, 0);
  options.enabled = true;
  notEqual((await create({ tokenCachePersistenceOptions: options }).getToken(GRAPH)).token, token);
  equal(unused.items.size, 1);
});

test("storage: where there are no files, one must be given", () => {
  const options = { tokenCachePersistenceOptions: { enabled: true, name: "app" } };
  const create = () => new DeviceCodeCredential(options);
  if (!["workerd", "edge"].includes(testServers().runtime)) return void create();
  const { message } = throws(create, TypeError);
  match(message, /^`tokenCachePersistenceOptions` needs a `storage` or a `cachePlugin`/);
});
