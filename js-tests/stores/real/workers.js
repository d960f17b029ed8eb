/** Cloudflare's KV and the storage of a Durable Object, under the real workerd. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { deepEqual, equal, match } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { bundleWorker } from "../../hosts/workers/workerd.js";
import { ARM, arrange, createKey, serveEachOther, unique } from "./arrange.js";

const COMPATIBILITY_DATE = "2024-10-14";

/**
 * @param {object} place
 * @param {string} place.dir the project
 * @param {string} place.caFile
 * @param {string} place.folder
 */
export function addWorkers({ dir, caFile, folder }) {
  for (const [store, what] of [
    ["kv", "KV"],
    ["unstorage", "KV through unstorage"],
  ]) {
    for (const key of [undefined, createKey()]) {
      test(`workers, ${what}${key ? ", encrypted" : ""}: serves other isolates, and later ones`, async (t) => {
        const cloud = await start(t);
        const a = await arrange(t, { store, key });
        // Every visit is to another isolate than the one before; the third one is to a workerd that has just begun.
        let visits = 0;
        await serveEachOther(a, async (errand) => {
          visits += 1;
          if (visits === 3) await cloud.restart();
          return cloud.visit(visits % 2 ? "one" : "other", errand);
        });
        deepEqual(await cloud.keys(), [`msal.cache.nocae.${encodeURIComponent(a.id)}`]);
      });
    }
  }

  test("workers, KV: isolates that write in turn lose nothing", async (t) => {
    const cloud = await start(t);
    const { signIn, getToken, asked } = await arrange(t, { store: "kv" });
    const { record } = await cloud.visit("one", signIn);
    const scopes = [ARM, "https://vault.azure.net/.default", "Mail.Read", "Files.Read"];
    const renewed = [];
    for (const [n, scope] of scopes.entries()) {
      const { token } = await cloud.visit(n % 2 ? "one" : "other", { ...getToken, record, scope });
      renewed.push(token);
    }
    const before = (await asked()).length;
    await cloud.restart();
    for (const [n, scope] of scopes.entries()) {
      equal((await cloud.visit("one", { ...getToken, record, scope })).token, renewed[n], scope);
    }
    equal((await asked()).length, before);
  });

  for (const key of [undefined, createKey()]) {
    test(`workers, a Durable Object${key ? ", encrypted" : ""}: is evicted, and begins anew`, async (t) => {
      const cloud = await start(t);
      const a = await arrange(t, { store: "object", object: unique(), key });
      let visits = 0;
      const { record } = await serveEachOther(a, async (errand) => {
        visits += 1;
        if (visits === 2)
          match((await cloud.visit("one", { ...errand, do: "evict" })).error, /evict/);
        if (visits === 3) await cloud.restart();
        const outcome = await cloud.visit(visits % 2 ? "one" : "other", errand);
        // It remembers nothing but what is stored.
        equal(outcome.errands, visits === 4 ? 2 : 1, outcome.error);
        return outcome;
      });
      const { items } = await cloud.visit("one", { ...a.getToken, record });
      deepEqual(items, [`msal.cache.nocae.${encodeURIComponent(a.id)}`]);
    });
  }

  /** Two Workers that share a KV namespace and a class of objects, and a folder where those are kept. */
  async function start(t) {
    const name = unique();
    const worker = await bundle();
    // It takes the authorities to trust from the environment, when it is loaded.
    process.env.NODE_EXTRA_CA_CERTS = caFile;
    const { convertV4MiniflareOptions, Miniflare } = await import("miniflare");
    const settings = (own, elsewhere) => ({
      name: own,
      ...worker,
      compatibilityDate: COMPATIBILITY_DATE,
      kvNamespaces: { TOKENS: "tokens" },
      durableObjects: { OBJECTS: { className: "Tokens", useSQLite: true, ...elsewhere } },
    });
    const options = convertV4MiniflareOptions({
      resourcePersistencePath: join(folder, name),
      workers: [settings("one"), settings("other", { scriptName: "one" })],
    });
    let miniflare = new Miniflare(options);
    t.after(() => miniflare.dispose());
    return {
      async visit(which, errand) {
        const { fetch } = await miniflare.getWorker(which);
        try {
          const response = await fetch("http://worker/", {
            method: "POST",
            body: JSON.stringify(errand),
          });
          const text = await response.text();
          return response.ok || text.startsWith("{") ? JSON.parse(text) : { error: text };
        } catch (error) {
          return { error: `${error}` };
        }
      },
      async restart() {
        await miniflare.dispose();
        miniflare = new Miniflare(options);
      },
      async keys() {
        const { keys } = await (await miniflare.getKVNamespace("TOKENS", "one")).list();
        return keys.map((each) => each.name);
      },
    };
  }

  /** @returns {Promise<object>} the modules, as Miniflare takes them */
  async function bundle() {
    const entry = "programs/worker.js";
    const outdir = await bundleWorker({ dir, entry, name: "stores" });
    const names = (await readdir(outdir)).sort((a) => (a === "index.js" ? -1 : 1));
    return {
      modulesRoot: outdir,
      modules: names.map((each) => ({
        type: each.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
        path: join(outdir, each),
      })),
    };
  }
}
