/** What runtimes with processes bring or read themselves: Web Storage of Deno and Node, and files through unstorage. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { deepEqual, equal, ok, rejects } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { arrange, createKey, serveEachOther, unique } from "./arrange.js";

/**
 * @param {object} place
 * @param {import("./launch.js").Launch} place.launch
 * @param {string} place.folder
 */
export function addWebStorage({ launch, folder }) {
  test("deno: localStorage serves the next run at the same location", async (t) => {
    const location = `https://${unique()}.test/`;
    const a = await arrange(t, { location, key: createKey() });
    const visit = (errand) => launch("deno at a location", "web-storage.js", errand);
    const { record } = await serveEachOther(a, visit);
    const known = { ...a.getToken, record };
    const { items } = await visit(known);
    deepEqual(Object.keys(items), [`msal.cache.nocae.${encodeURIComponent(a.id)}`]);
    const elsewhere = { ...known, location: `https://${unique()}.test/` };
    await rejects(visit(elsewhere), /AuthenticationRequiredError/);
  });

  for (const runtime of ["node22 with Web Storage", "node24 with Web Storage"]) {
    test(`${runtime}: localStorage serves the next run with the same file`, async (t) => {
      const a = await arrange(t, { file: join(folder, unique()) });
      const visit = (errand) => launch(runtime, "web-storage.js", errand);
      const { record, token } = await serveEachOther(a, visit);
      const { items } = await visit({ ...a.getToken, record });
      const [[item, text], ...more] = Object.entries(items);
      deepEqual(more, []);
      equal(item, `msal.cache.nocae.${encodeURIComponent(a.id)}`);
      ok(text.includes(token));
    });
  }

  for (const partitioned of [true, false]) {
    const layout = partitioned ? "a file for each account" : "one file for all";
    test(`bun, unstorage: ${layout} serves the next run`, async (t) => {
      const place = { folder: join(folder, unique()), layout: { partitioned } };
      const a = await arrange(t, { ...place, key: partitioned ? createKey() : undefined });
      await serveEachOther(a, (errand) => launch("bun", "files-unstorage.js", errand));
      const file = partitioned
        ? `msal.cache.nocae.${encodeURIComponent(a.id)}`
        : "msal.cache.nocae";
      deepEqual(await readdir(place.folder), [file]);
    });
  }
}
