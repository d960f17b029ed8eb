/** Items of a storage that are sealed: each a JWE (RFC 7516), bound to its name. */

import { deepEqual, equal, match, ok, rejects, throws } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, GRAPH } from "./arrange.js";
import { memoryStorage, randomKey } from "./storages.js";

const SILENTLY = { disableAutomaticAuthentication: true };
const AES = { name: "AES-GCM", length: 256 };
const BOTH = ["encrypt", "decrypt"];

const warnings = (log) => log.filter((line) => line.startsWith("warning: "));

/** A storage in which an account's item is sealed, and who signed in. */
async function signedIn(t, options) {
  const arrangement = await arrange(t);
  const { create, s } = arrangement;
  const storage = memoryStorage();
  const cachePersistenceOptions = { storage, encryptionKey: randomKey(), ...options };
  const credential = create({ tenantId: s.user.tid, cachePersistenceOptions });
  const authenticationRecord = await credential.authenticate({ scopes: GRAPH });
  const { token } = await credential.getToken(GRAPH);
  const item = `msal.cache.nocae.${s.user.oid}.${s.user.tid}`;
  return {
    ...arrangement,
    ...{ storage, item, token, authenticationRecord, cachePersistenceOptions },
    /** Another process. */
    next: (more) =>
      create({
        ...SILENTLY,
        authenticationRecord,
        cachePersistenceOptions: { ...cachePersistenceOptions, ...more },
      }),
  };
}

test("seal: nothing stored can be read", async (t) => {
  const { s, storage, item, token } = await signedIn(t);
  deepEqual([...storage.items.keys()], [item]);
  const text = storage.items.get(item);
  match(text, /^eyJ[\w-]+\.\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/);
  const [header] = text.split(".");
  const decoded = JSON.parse(atob(header.replaceAll("-", "+").replaceAll("_", "/")));
  deepEqual(decoded, { alg: "dir", enc: "A256GCM", item });
  const parts = text.split(".").map((part) => atob(part.replaceAll("-", "+").replaceAll("_", "/")));
  for (const secret of [token, s.user.username, "AccessToken", "home_account_id"]) {
    for (const part of [text, ...parts]) ok(!part.includes(secret), secret);
  }
});

test("seal: everything in one item is bound to its name too", async (t) => {
  const { storage, next, token } = await signedIn(t, { partitioned: false, name: "app" });
  const [[name, text]] = storage.items;
  equal(name, "app.nocae");
  const [header] = text.split(".");
  equal(JSON.parse(atob(header.replaceAll("-", "+").replaceAll("_", "/"))).item, name);
  equal((await next().getToken(GRAPH)).token, token);
  storage.items.clear();
  storage.items.set("app.cae", text);
  await rejects(next().getToken(GRAPH, { enableCae: true }), {
    name: "AuthenticationRequiredError",
  });
});

test("seal: every writing differs", async (t) => {
  const { storage, item, next } = await signedIn(t);
  const before = storage.items.get(item).split(".");
  await next().getToken(ARM);
  const after = storage.items.get(item).split(".");
  equal(after[0], before[0]);
  for (const part of [2, 3, 4]) ok(after[part] !== before[part]);
});

test("seal: a key is 32 bytes, or a CryptoKey", async (t) => {
  const bytes = randomKey();
  const { next, token } = await signedIn(t, { encryptionKey: bytes });
  const key = await crypto.subtle.importKey("raw", bytes, AES, false, BOTH);
  equal((await next({ encryptionKey: key }).getToken(GRAPH)).token, token);
  const credential = next({ encryptionKey: bytes });
  // What becomes of the caller's array is the caller's business.
  bytes.fill(0);
  equal((await credential.getToken(GRAPH)).token, token);
  const made = await crypto.subtle.generateKey(AES, false, BOTH);
  const other = await signedIn(t, { encryptionKey: made });
  equal((await other.next().getToken(GRAPH)).token, other.token);
});

/** What is wrong with an item → how it came to be. */
const TAMPERED = {
  "whose header was altered": (text) => altered(text, 0),
  "whose initialization vector was altered": (text) => altered(text, 2),
  "whose ciphertext was altered": (text) => altered(text, 3),
  "whose tag was altered": (text) => altered(text, 4),
  "that is cut off": (text) => text.slice(0, text.length / 2),
  "that lacks its tag": (text) => text.slice(0, text.lastIndexOf(".") + 1),
  "that has a key in it": (text) => text.replace("..", ".AAAA."),
  "that is no JWE": () => "eyJunk",
  "that was sealed with another key": undefined,
};

function altered(text, part) {
  const parts = text.split(".");
  const at = Math.floor(parts[part].length / 2);
  const other = parts[part][at] === "A" ? "B" : "A";
  parts[part] = parts[part].slice(0, at) + other + parts[part].slice(at + 1);
  return parts.join(".");
}

for (const [what, tamper] of Object.entries(TAMPERED)) {
  test(`seal: an item ${what} is not used, and set aside`, async (t) => {
    const { create, log, storage, item, next, cachePersistenceOptions } = await signedIn(t);
    if (tamper) storage.items.set(item, tamper(storage.items.get(item)));
    else cachePersistenceOptions.encryptionKey = randomKey();
    const text = storage.items.get(item);
    await rejects(next().getToken(GRAPH), { name: "AuthenticationRequiredError" });
    ok(warnings(log).some((line) => line.includes(item)));
    deepEqual([...storage.items], [[item, text]], "reading changes nothing");

    // Whoever signs in again has a fresh one.
    const again = create({ cachePersistenceOptions });
    const authenticationRecord = await again.authenticate({ scopes: GRAPH });
    const aside = [...storage.items.keys()].filter((key) => key !== item);
    equal(aside.length, 1);
    equal(aside[0], `${item}.unreadable`);
    equal(storage.items.get(aside[0]), text);
    ok(warnings(log).some((line) => line.includes(aside[0])));
    const silent = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
    equal((await silent.getToken(GRAPH)).tokenType, "Bearer");
  });
}

test("seal: one account's item in another's place is not used", async (t) => {
  const storage = memoryStorage();
  const encryptionKey = randomKey();
  const ada = await signedIn(t, { storage, encryptionKey });
  const eve = await signedIn(t, { storage, encryptionKey });
  storage.items.set(ada.item, storage.items.get(eve.item));
  await rejects(ada.next().getToken(GRAPH), { name: "AuthenticationRequiredError" });
  ok(warnings(ada.log).some((line) => line.includes("another item")));
  equal((await eve.next().getToken(GRAPH)).token, eve.token);
});

test("seal: a plain item is not believed: whoever can write to the storage may have put it there", async (t) => {
  for (const layout of [{}, { partitioned: false }]) {
    const plain = { encryptionKey: undefined, allowUnencryptedStorage: true, ...layout };
    const { create, log, next, storage, asked } = await signedIn(t, plain);
    const [[item, planted]] = storage.items;
    const before = await asked();
    const only = { encryptionKey: randomKey(), allowUnencryptedStorage: false };
    await rejects(next(only).getToken(ARM), { name: "AuthenticationRequiredError" });
    deepEqual(await asked(), before);
    deepEqual([...storage.items], [[item, planted]]);
    ok(warnings(log).some((line) => line.includes(item) && line.includes("is not encrypted")));

    const cachePersistenceOptions = { storage, ...layout, ...only };
    await create({ cachePersistenceOptions }).authenticate({ scopes: GRAPH });
    match(storage.items.get(item), /^eyJ/);
    equal(storage.items.get(`${item}.unreadable`), planted);
    ok(warnings(log).some((line) => line.includes(`${item}.unreadable`)));
  }
});

test("seal: of several keys the first seals, and all of them open", async (t) => {
  const older = randomKey();
  const newer = await crypto.subtle.importKey("raw", randomKey(), AES, false, BOTH);
  const { next, storage, item, token, log } = await signedIn(t, { encryptionKey: older });
  const sealed = storage.items.get(item);
  // Two deployments, of which one has the new key already: neither signs anybody in again.
  const credentials = [[newer, older], [older, newer], [newer]].map((encryptionKey) =>
    next({ encryptionKey }),
  );
  equal((await credentials[0].getToken(GRAPH)).token, token);
  equal(storage.items.get(item), sealed);
  await credentials[0].getToken(ARM);
  for (const credential of credentials) equal((await credential.getToken(GRAPH)).token, token);
  deepEqual([...storage.items.keys()], [item]);
  deepEqual(warnings(log), []);
  await rejects(next({ encryptionKey: [older] }).getToken(GRAPH), {
    name: "AuthenticationRequiredError",
  });
});

for (const [what, encryptionKey] of Object.entries({
  "an empty list": [],
  "a list with a hole": [new Uint8Array(32), undefined],
  "a list with a key of 16 bytes": [new Uint8Array(32), new Uint8Array(16)],
  "a list in a list": [[new Uint8Array(32)]],
  "16 bytes": new Uint8Array(16),
  "an object": {},
})) {
  test(`seal: ${what} is no key`, async (t) => {
    const { create } = await arrange(t);
    const cachePersistenceOptions = { storage: memoryStorage(), encryptionKey };
    const message = /`cachePersistenceOptions\.encryptionKey` must be 32 bytes/;
    throws(() => create({ cachePersistenceOptions }), { name: "TypeError", message });
  });
}

for (const partitioned of [true, false]) {
  const how = partitioned ? "its own item" : "one item";
  test(`seal: ${how}: one copy is set aside, and removeAccount removes it`, async (t) => {
    const { create, s, next, storage } = await signedIn(t, { partitioned });
    const [item] = storage.items.keys();
    const aside = `${item}.unreadable`;
    let last = {};
    for (let n = 0; n < 3; n++) {
      const encryptionKey = randomKey();
      const before = storage.items.get(item);
      last = { storage, partitioned, encryptionKey };
      await create({ cachePersistenceOptions: last }).authenticate({ scopes: GRAPH });
      deepEqual([...storage.items.keys()].sort(), [item, aside]);
      equal(storage.items.get(aside), before);
    }
    await next(last).removeAccount();
    const left = [...storage.items.values()].join();
    ok(!storage.items.has(aside) && !left.includes(s.user.oid));
    equal(storage.items.size, partitioned ? 0 : 1);
  });
}

test("seal: who signs out leaves no item of theirs that can't be opened", async (t) => {
  const { next, storage } = await signedIn(t);
  equal(storage.items.size, 1);
  await next({ encryptionKey: randomKey() }).removeAccount();
  equal(storage.items.size, 0);
});

test("seal: who signs out leaves no copy that was set aside, whatever else is stored", async (t) => {
  const { next, s, storage, item } = await signedIn(t);
  const caes = `msal.cache.cae.${s.user.oid}.${s.user.tid}`;
  const asides = [`${item}.unreadable`, `${caes}.unreadable`];
  for (const aside of asides) storage.items.set(aside, "eyJ");
  storage.items.delete(item);
  await next().removeAccount();
  deepEqual([...storage.items.keys()], []);
});

test("seal: several who sign out at once leave no copies that were set aside", async (t) => {
  const { create, s, storage, authenticationRecord, cachePersistenceOptions } = await signedIn(t);
  const { oid, tid } = s.user;
  const others = ["b.t", "c.t"];
  for (const id of [`${oid}.${tid}`, ...others]) {
    for (const kind of ["nocae", "cae"]) {
      const item = `msal.cache.${kind}.${id}`;
      storage.items.set(`${item}.unreadable`, "eyJ");
    }
  }
  const credential = create({ authenticationRecord, cachePersistenceOptions });
  const records = others.map((homeAccountId) => ({ ...authenticationRecord, homeAccountId }));
  await Promise.all([undefined, ...records].map((record) => credential.removeAccount(record)));
  deepEqual([...storage.items.keys()], []);
});

test("seal: a plain item is read if it may be, and sealed when it is written", async (t) => {
  const plain = { encryptionKey: undefined, allowUnencryptedStorage: true };
  const { log, next, storage, item, token } = await signedIn(t, plain);
  match(storage.items.get(item), /^\{/);
  const credential = next({ encryptionKey: randomKey(), allowUnencryptedStorage: true });
  equal((await credential.getToken(GRAPH)).token, token);
  match(storage.items.get(item), /^\{/);
  await credential.getToken(ARM);
  match(storage.items.get(item), /^eyJ/);
  deepEqual([...storage.items.keys()], [item]);
  deepEqual(warnings(log), []);
});

test("seal: a sealed item is left alone by who has no key", async (t) => {
  const { s, create, log, next, storage, item } = await signedIn(t);
  const before = [...storage.items];
  const plain = { encryptionKey: undefined, allowUnencryptedStorage: true };
  await rejects(next(plain).getToken(GRAPH), { name: "AuthenticationRequiredError" });
  const cachePersistenceOptions = { storage, ...plain };
  const other = create({ cachePersistenceOptions, tenantId: s.user.tid });
  equal((await other.getToken(GRAPH)).tokenType, "Bearer");
  deepEqual([...storage.items], before);
  ok(warnings(log).some((line) => line.includes(item) && line.includes("`encryptionKey`")));
});

test("seal: a key that fails costs no token", async (t) => {
  const { create, log } = await arrange(t);
  const storage = memoryStorage();
  const encryptionKey = { type: "secret", algorithm: AES, usages: BOTH };
  const credential = create({ cachePersistenceOptions: { storage, encryptionKey } });
  equal((await credential.getToken(GRAPH)).tokenType, "Bearer");
  equal(storage.items.size, 0);
  ok(warnings(log).length > 0);
});
