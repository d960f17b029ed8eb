/** What a store holds or quotes, and the claims of a call, show in nothing that a program might print. */

import { equal, match, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, GRAPH, memoryPlugin } from "./arrange.js";
import { memoryStorage, randomKey } from "./storages.js";
import { watched } from "./watched.js";

const PLAIN = { allowUnencryptedStorage: true };

/** How an error of whoever reads may hold what was read. */
const QUOTING = {
  "its message": (text) => new Error(`the store is out of order: can't parse ${text}`),
  "its message, cut off": (text) => new Error(`the store is out of order at ${text.slice(40)}`),
  "its cause": (text) => new Error("the store is out of order", { cause: new SyntaxError(text) }),
  "a member": (text) =>
    Object.assign(new Error("the store is out of order"), { command: { args: [text] } }),
};

/** Where a store keeps its text, and how it is made to fail when it is read. */
const STORES = {
  "a storage": () => {
    const storage = memoryStorage();
    return {
      options: { storage, ...PLAIN, partitioned: false },
      text: () => storage.items.values().next().value,
      fail(error) {
        storage.getItem = () => Promise.reject(error);
      },
    };
  },
  "a plugin": () => {
    const cachePlugin = memoryPlugin();
    return {
      options: { cachePlugin },
      text: () => cachePlugin.text,
      fail(error) {
        cachePlugin.beforeCacheAccess = () => Promise.reject(error);
      },
    };
  },
};

for (const [where, createStore] of Object.entries(STORES)) {
  for (const [how, quote] of Object.entries(QUOTING)) {
    test(`secrecy: ${where} that fails when it is read, and quotes that in ${how}`, async (t) => {
      const { create, log, seen, search } = await watched(t);
      const { options, text, fail } = createStore();
      const credential = create({ cachePersistenceOptions: options });
      await credential.getToken(GRAPH);
      fail(quote(text()));
      await credential.getToken(ARM);
      seen.push(await credential.getAccounts().catch((error) => error));
      seen.push(await rejects(credential.removeAccount(), { message: /store is out of order/ }));
      ok(log.some((line) => /^warning: reading .* the store is out of order/.test(line)));
      ok(search() > 5);
    });
  }
}

/** What may be set aside, and makes known why. */
const SPOILED = {
  "cut off": (text) => text.slice(0, -3),
  "longer than it should be": (text) => `${text}${text}`,
  "a list": (text) => `[${text}]`,
  "tables that are texts": (text) => JSON.stringify({ RefreshToken: text }),
  "no JSON": (text) => text.replaceAll('"', "'"),
};

for (const [what, spoil] of Object.entries(SPOILED)) {
  test(`secrecy: an item that is set aside, as it is ${what}`, async (t) => {
    const { create, log, seen, search } = await watched(t);
    const storage = memoryStorage();
    const cachePersistenceOptions = { storage, ...PLAIN, partitioned: false };
    const first = create({ cachePersistenceOptions });
    await first.getToken(GRAPH);
    const [[item, text]] = storage.items;
    storage.items.set(item, spoil(text));
    const next = create({ cachePersistenceOptions });
    seen.push(await next.getAccounts().catch((error) => error));
    await next.getToken(GRAPH);
    ok(storage.items.has(`${item}.unreadable`), [...storage.items.keys()].join());
    ok(log.some((line) => line.startsWith("warning: the token cache in")));
    ok(search() > 5);
  });
}

for (const partitioned of [true, false]) {
  const layout = partitioned ? "an item for each account" : "one item for all";
  test(`secrecy: a sealed item that is set aside, ${layout}`, async (t) => {
    const { create, log, secrets, seen, search } = await watched(t);
    const storage = memoryStorage();
    const keys = [randomKey(), randomKey()];
    for (const encryptionKey of keys) {
      const cachePersistenceOptions = { storage, partitioned, encryptionKey };
      const credential = create({ cachePersistenceOptions });
      await credential.getToken(GRAPH);
      seen.push(await credential.getAccounts());
    }
    ok(log.some((line) => line.includes(".unreadable")));
    for (const text of storage.items.values()) {
      match(text, /^eyJ/);
      // Its parts, but for the header, which names the item.
      for (const part of text.split(".").slice(2)) secrets.add(part);
    }
    ok(search() > 10);
  });
}

/** Claims may name a session, or a person. */
const CANARY = "a-nonce-that-nobody-else-may-know";
const CLAIMS = JSON.stringify({ access_token: { nonce: { value: CANARY } } });

test("secrecy: the claims of a call show in no log, and in no error but the one that hands them on", async (t) => {
  const refused = { error: "interaction_required", repeat: "forever" };
  const { create, log, secrets, seen, search } = await watched(t, {
    replies: { refresh: [refused], devicecode: [{}, { error: 7000218, repeat: "forever" }] },
  });
  const credential = create();
  await credential.getToken(GRAPH);
  seen.push(await rejects(credential.getToken(GRAPH, { claims: CLAIMS })));
  const patient = create({ disableAutomaticAuthentication: true });
  const error = await rejects(patient.getToken(GRAPH, { claims: CLAIMS }));
  equal(error.claims, CLAIMS);
  seen.push(error.message, error.stack);
  for (const claims of [CLAIMS.slice(1), `[${CLAIMS}]`, btoa(CLAIMS)]) {
    seen.push(await rejects(create().getToken(GRAPH, { claims }), TypeError));
  }
  secrets.add(CANARY).add(btoa(CLAIMS).slice(4, 40));
  ok(log.length > 2 && search() > 3);
});
