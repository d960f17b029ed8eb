/** What is particular to Workers: I/O belongs to the request that began it, and dies with it. */

import { fileURLToPath } from "node:url";
import { deepEqual, equal, match, notEqual, ok } from "../../base/harness/assert.js";
import { createScenario } from "../../base/harness/scenario.js";
import { test } from "../../base/harness/suite.js";
import { bundleWorker, startWorkerd } from "./workerd.js";

const GRAPH = "https://graph.microsoft.com/.default";
const VAULT = "https://vault.azure.net/.default";

const FRONT = fileURLToPath(new URL("front.js", import.meta.url));

/** How long the others may have to wait until one of them takes over: some four seconds, and what a busy machine adds. */
const TAKEN_OVER_WITHIN = 12_000;

/** How many requests are cancelled, a batch at a time. */
const CANCELLED = 1200;
const BATCH = 100;
/** A page of WebAssembly's memory, in bytes. */
const PAGE = 65_536;
/** After how long a result that nobody fetches is given up. */
const GIVEN_UP_AFTER = 4000;

/** @param {{dir: string, caFile: string}} project */
export function addManners({ dir, caFile }) {
  test("workers: concurrent requests share one sign-in", async (t) => {
    const { s, ask } = await serve(t, { approveAfterPolls: 1 });
    const tokens = await Promise.all(Array.from({ length: 20 }, () => ask(GRAPH).token));
    equal(new Set(tokens).size, 1);
    equal((await s.requests("devicecode")).length, 1);
    equal((await s.requests("token")).length, 2);
    const before = (await s.requests()).length;
    equal(await ask(GRAPH).token, tokens[0]);
    equal((await s.requests()).length, before);
  });

  test("workers: concurrent requests share one renewal", async (t) => {
    const { s, ask } = await serve(t, { replies: { refresh: [{ delayMs: 500 }] } });
    const first = await ask(GRAPH).token;
    const tokens = await Promise.all(Array.from({ length: 20 }, () => ask(VAULT).token));
    equal(new Set(tokens).size, 1);
    notEqual(tokens[0], first);
    equal((await s.requests("refresh")).length, 1);
    equal((await s.requests("devicecode")).length, 1);
  });

  test("workers: requests for different things, one prompt", async (t) => {
    const { s, ask } = await serve(t, { approveAfterPolls: 1 });
    const tokens = await Promise.all([GRAPH, VAULT, GRAPH, VAULT].map((scope) => ask(scope).token));
    equal(new Set(tokens).size, 2);
    equal((await s.requests("devicecode")).length, 1);
    equal((await s.requests("refresh")).length, 1);
  });

  test("workers: the request that polls is cancelled, and the sign-in goes on", async (t) => {
    const { s, ask } = await serve(t, { approveAfterPolls: null });
    const first = ask(GRAPH);
    await s.waitForRequests(1, { endpoint: "devicecode" });
    const others = [ask(GRAPH), ask(GRAPH)];
    await s.waitForRequests(1, { endpoint: "token" });
    await cancel(first);
    equal(await s.approve(), 1);
    const since = Date.now();
    const tokens = await Promise.all(others.map(({ token }) => token));
    equal(tokens[0], tokens[1]);
    ok(Date.now() - since < TAKEN_OVER_WITHIN, `${Date.now() - since} ms`);
    // The code the user saw stayed good.
    equal((await s.requests("devicecode")).length, 1);
  });

  test("workers: the request that asks for the code is cancelled meanwhile", async (t) => {
    const { s, ask } = await serve(t, { replies: { devicecode: [{ hang: true }] } });
    await sentThenCancelled(s, "devicecode", () => ask(GRAPH));
    equal((await s.requests("devicecode")).length, 2);
  });

  test("workers: a poll dies with its request, and another one is sent", async (t) => {
    const { s, ask } = await serve(t, { replies: { token: [{ hang: true }] } });
    await sentThenCancelled(s, "token", () => ask(GRAPH));
    equal((await s.requests("devicecode")).length, 1);
  });

  test("workers: a renewal dies with its request, and another one is sent", async (t) => {
    const { s, ask } = await serve(t, { replies: { refresh: [{ hang: true }] } });
    await ask(GRAPH).token;
    await sentThenCancelled(s, "refresh", () => ask(VAULT));
    equal((await s.requests("devicecode")).length, 1);
    equal((await s.requests("refresh")).length, 2);
  });

  test("workers: a renewal that others wait in line for dies with its request", async (t) => {
    const { s, ask } = await serve(t, { replies: { refresh: [{ hang: true }] } });
    await ask(GRAPH).token;
    const first = ask(VAULT);
    await s.waitForRequests(1, { endpoint: "refresh" });
    const other = ask("User.Read");
    await arrived();
    await cancel(first);
    const since = Date.now();
    ok(await other.token);
    ok(Date.now() - since < TAKEN_OVER_WITHIN, `${Date.now() - since} ms`);
    equal((await s.requests("devicecode")).length, 1);
  });

  test("workers: every request is cancelled; a later one goes on with the same code", async (t) => {
    const { s, ask } = await serve(t, { approveAfterPolls: null });
    const some = [ask(GRAPH), ask(GRAPH)];
    await s.waitForRequests(1, { endpoint: "token" });
    await Promise.all(some.map(cancel));
    await s.approve();
    const since = Date.now();
    ok(await ask(GRAPH).token);
    ok(Date.now() - since < TAKEN_OVER_WITHIN, `${Date.now() - since} ms`);
    equal((await s.requests("devicecode")).length, 1);
  });

  test("workers: a failure reaches every request, and the next one starts afresh", async (t) => {
    const { s, ask } = await serve(t, { approveAfterPolls: null });
    const some = Array.from({ length: 5 }, () => ask(GRAPH));
    await s.waitForRequests(1, { endpoint: "devicecode" });
    await arrived();
    await s.decline();
    for (const { token } of some) ok(/^AuthenticationError: /.test(await token));
    equal((await s.requests("devicecode")).length, 1);
    await s.script({ approveAfterPolls: 0 });
    ok(!(await ask(GRAPH).token).includes("Error"));
    equal((await s.requests("devicecode")).length, 2);
  });

  test("workers: requests that are cancelled by the hundred leave nothing in the memory", {
    timeout: 120_000,
  }, async (t) => {
    const config = { approveAfterPolls: null };
    const { s, ask, get } = await serve(t, config, "workers/measured.js");
    // Memory that was needed once stays: only more of the same tells.
    await cancelled(CANCELLED);
    const before = JSON.parse(await get("measure"));
    await cancelled(CANCELLED);
    const after = JSON.parse(await get("measure"));
    ok(after.memory <= before.memory + 2 * PAGE, `${before.memory} bytes, then ${after.memory}`);
    ok(after.references <= before.references + BATCH, `${before.references}, ${after.references}`);

    /** So many wait for a sign-in and are cancelled; then one of them all signs in, and out. */
    async function cancelled(count) {
      for (let done = 0; done < count; done += BATCH) {
        const batch = Array.from({ length: BATCH }, () => ask(GRAPH));
        await arrived();
        await Promise.all(batch.map(cancel));
      }
      // Whatever code it is that the last one polls for: those who are gone may have left several.
      await s.script({ approveAfterPolls: 0 });
      const token = await ask(GRAPH).token;
      ok(!token.includes("Error"), token);
      await s.script({ approveAfterPolls: null });
      await new Promise((resolve) => setTimeout(resolve, GIVEN_UP_AFTER));
      // A token from the cache would be given without a look at those who wait.
      ok(!(await ask(VAULT).token).includes("Error"));
      equal(await get("signOut"), "signed out");
    }
  });

  /** The first of three requests does something that is never answered, and is cancelled: the others are served. */
  async function sentThenCancelled(s, endpoint, ask) {
    const first = ask();
    await s.waitForRequests(1, { endpoint });
    const others = [ask(), ask()];
    await arrived();
    await cancel(first);
    const since = Date.now();
    const tokens = await Promise.all(others.map(({ token }) => token));
    ok(!tokens[0].includes("Error"), tokens[0]);
    equal(tokens[0], tokens[1]);
    ok(Date.now() - since < TAKEN_OVER_WITHIN, `${Date.now() - since} ms`);
  }

  /** A Worker with a private Entra, and what sends it requests. */
  async function serve(t, config, entry = "workers/worker.js") {
    const s = await createScenario(config);
    t.after(() => s.remove());
    const define = { AUTHORITY: s.authority(), TENANT: s.id };
    const worker = await bundleWorker({ dir, entry, name: s.id, define });
    const { url, stop, output } = await startWorkerd({ worker, caFile, front: FRONT });
    t.after(async () => {
      await stop();
      // Nobody can know that a request is gone; workerd says so when its promise is resolved, and drops it.
      const lines = output()
        .split("\n")
        .filter((line) => !/^\s+at |^$/.test(line));
      const others = lines.filter((line) => !line.includes("request has already been completed"));
      deepEqual(others, [], "workerd complained");
    });
    const get = async (what) => (await through(`?${what}`)).token;
    const ask = (scope) => through(`?scope=${encodeURIComponent(scope)}`);
    /** Sends a request that stays until it is cancelled, or answered. */
    function through(query) {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      writer.write(new Uint8Array(1)); // else nothing of the request would be sent
      const init = { method: "POST", body: readable, duplex: "half" };
      const token = fetch(url + query, init).then((response) => response.text());
      token.catch(() => {}); // when a failed case stops the Worker
      return { token, cancel: () => writer.close() };
    }
    return { s, ask, get };
  }
}

/** Cancels a request, and makes sure that it is. */
async function cancel(one) {
  one.cancel();
  match(await one.token, /AbortError/);
}

/** Time enough for requests to reach the Worker. */
function arrived() {
  return new Promise((resolve) => setTimeout(resolve, 300));
}
