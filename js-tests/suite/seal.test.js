/** Items of a storage that are sealed: each a JWE (RFC 7516), bound to its name. */

import { deepEqual, equal, match, ok, rejects } from "../harness/assert.js";
import { test } from "../harness/suite.js";
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
    ok(aside[0].startsWith(`${item}.unreadable-`));
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

test("seal: a plain item is read, and sealed when it is written", async (t) => {
  const plain = { encryptionKey: undefined, allowUnencryptedStorage: true };
  const { log, next, storage, item, token } = await signedIn(t, plain);
  match(storage.items.get(item), /^\{/);
  const credential = next({ encryptionKey: randomKey(), allowUnencryptedStorage: false });
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
