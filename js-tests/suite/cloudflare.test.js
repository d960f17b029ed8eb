/** Cloudflare's storages: a Durable Object's, and Workers KV, which is late. What they are made of, any runtime has. */

import { durableObjectStorage, workersKvStorage } from "entra-device-code/cloudflare";
import { deepEqual, equal, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, GRAPH } from "./arrange.js";

const PLAIN = { allowUnencryptedStorage: true };
const SILENTLY = { disableAutomaticAuthentication: true };

/** A Durable Object's storage: nothing is `undefined`. */
function objectStorage() {
  const kept = new Map();
  return {
    kept,
    get: async (key) => kept.get(key),
    put: async (key, value) => void kept.set(key, value),
    delete: async (key) => kept.delete(key),
  };
}

/** A namespace that shows what was there when it was last `refreshed`, as seen from afar: nothing is `null`. */
function lateNamespace() {
  const kept = new Map();
  let shown = new Map();
  return {
    kept,
    refresh() {
      shown = new Map(kept);
    },
    get: async (key) => shown.get(key) ?? null,
    put: async (key, value) => void kept.set(key, value),
    delete: async (key) => void kept.delete(key),
  };
}

test("cloudflare: a Durable Object's storage", async (t) => {
  const { s, create, prompts } = await arrange(t);
  const storage = objectStorage();
  const options = () => ({
    cachePersistenceOptions: { storage: durableObjectStorage(storage), ...PLAIN },
  });
  const first = create(options());
  const authenticationRecord = await first.authenticate({ scopes: GRAPH });
  deepEqual([...storage.kept.keys()], [`msal.cache.nocae.${s.user.oid}.${s.user.tid}`]);
  const next = create({ ...SILENTLY, ...options(), authenticationRecord });
  await next.getToken(GRAPH);
  await next.removeAccount();
  equal(storage.kept.size, 0);
  equal(prompts.length, 1);
});

test("cloudflare: a Worker reads from KV what it has just put there", async (t) => {
  const { create, prompts, asked } = await arrange(t);
  const namespace = lateNamespace();
  // For each request, as Workers do.
  const options = () => ({
    cachePersistenceOptions: { storage: workersKvStorage(namespace), ...PLAIN },
  });
  const authenticationRecord = await create(options()).authenticate({ scopes: GRAPH });
  equal(namespace.kept.size, 1);
  const next = () => create({ ...SILENTLY, ...options(), authenticationRecord });
  await next().getToken(ARM);
  await next().getToken(ARM);
  deepEqual(await asked(), ["devicecode", "token", "refresh"]);
  const [text] = namespace.kept.values();
  equal(Object.keys(JSON.parse(text).AccessToken).length, 2);
  equal(prompts.length, 1);

  // And what it has deleted there, though KV still shows it.
  namespace.refresh();
  await next().removeAccount();
  equal(namespace.kept.size, 0);
  await rejects(next().getToken(GRAPH), { name: "AuthenticationRequiredError" });
});

test("cloudflare: what fails to reach KV is not read from there", async () => {
  const namespace = lateNamespace();
  const storage = workersKvStorage(namespace);
  namespace.put = async () => {
    throw new Error("429 Too Many Requests");
  };
  await rejects(storage.setItem("key", "value"), /429/);
  equal(await storage.getItem("key"), null);
});

test("cloudflare: what somebody else wrote after us counts", async () => {
  const namespace = lateNamespace();
  const storage = workersKvStorage(namespace);
  equal(await storage.getItem("key"), null);
  await storage.setItem("key", "first");
  await storage.setItem("key", "ours");
  equal(await storage.getItem("key"), "ours");
  // What was there before us is late; what is new is not.
  namespace.kept.set("key", "first");
  namespace.refresh();
  equal(await storage.getItem("key"), "ours");
  namespace.kept.set("key", "theirs");
  namespace.refresh();
  equal(await storage.getItem("key"), "theirs");
});

test("cloudflare: what a busy item held before is remembered for a minute", {
  serial: true,
}, async (t) => {
  const namespace = lateNamespace();
  const storage = workersKvStorage(namespace);
  const { now } = Date;
  t.after(() => {
    Date.now = now;
  });
  const began = now();
  for (let second = 0; second <= 100; second += 5) {
    Date.now = () => began + second * 1000;
    await storage.setItem("key", `at ${second}`);
  }
  for (const [shown, expected] of [
    ["at 95", "at 100"],
    ["at 45", "at 100"],
    // Nobody's memory reaches back so far: somebody has written it again.
    ["at 30", "at 30"],
  ]) {
    namespace.kept.set("key", shown);
    namespace.refresh();
    equal(await storage.getItem("key"), expected);
  }
});

test("cloudflare: after a minute, KV's word counts", { serial: true }, async (t) => {
  const namespace = lateNamespace();
  const storage = workersKvStorage(namespace);
  equal(await storage.getItem("key"), null);
  await storage.setItem("key", "ours");
  equal(await storage.getItem("key"), "ours");
  const { now } = Date;
  t.after(() => {
    Date.now = now;
  });
  Date.now = () => now() + 60_500;
  equal(await storage.getItem("key"), null);
});
