/**
 * Sign-ins that one process begins and others go on with, on whatever runtime, with the packed package installed as a user
 * installs it:
 *
 *     node stores/flows/run.js [--tarball FILE] [--only PART-OF-A-NAME]
 */

import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { deepEqual, equal, match, notEqual, ok } from "../../base/harness/assert.js";
import { closingLine, run, test } from "../../base/harness/suite.js";
import { createProject } from "../../base/runners/project.js";
import { startServers } from "../../base/servers/start.js";
import { bundleWorker, startWorkerd } from "../../hosts/workers/workerd.js";
import { launcher } from "./launch.js";
import { entra, PROVIDERS } from "./providers.js";

const PROGRAMS = fileURLToPath(new URL("programs", import.meta.url));

const { values } = parseArgs({
  options: { tarball: { type: "string" }, only: { type: "string" } },
});

const project = await createProject({ tarball: values.tarball });
const servers = await startServers();
globalThis.__testServers = { entra: servers.entra, oidc: servers.oidc };
const { caFile } = servers.certificate;
const { launch, start } = launcher(project, caFile);

/**
 * A home of the case's own, with the flow and a cache that all its processes share.
 *
 * @param {import("./providers.js").Provider} provider
 */
async function arrange({ options, scope, renew }) {
  const home = join(project.dir, "..", crypto.randomUUID());
  await mkdir(home, { mode: 0o700 });
  const cachePersistenceOptions = { name: "flows", allowUnencryptedStorage: true };
  const errand = {
    options: { ...options, cachePersistenceOptions },
    scope,
    renew,
    file: join(home, "flow.json"),
  };
  return {
    on: (runtime, name, more) => launch(runtime, name, home, { ...errand, ...more }),
    start: (runtime, name) => start(runtime, name, home, errand),
    flow: async () => JSON.parse(await readFile(errand.file, "utf8")),
  };
}

/** @param {{status: string, token: string, tokenType: string, authenticationRecord: object}} result */
function succeeded({ status, token, tokenType, authenticationRecord }, { username, options }) {
  deepEqual({ status, tokenType }, { status: "succeeded", tokenType: "Bearer" });
  ok(token);
  equal(authenticationRecord.username, username);
  if (options.clientId) equal(authenticationRecord.clientId, options.clientId);
}

for (const [name, provide] of Object.entries(PROVIDERS)) {
  test(`${name}: begun by Node, polled by Deno, its tokens used by Bun`, async (t) => {
    const provider = await provide(t);
    const { on, flow } = await arrange(provider);
    const shown = await on("node", "begin.js");
    ok(shown.message.includes(shown.userCode), shown.message);
    const begun = await flow();
    for (let n = 0; n < 3; n++) {
      const { status, retryAfter } = await on("deno", "poll.js");
      equal(status, "pending");
      ok(retryAfter > 0 && retryAfter <= begun.interval * 1000, `poll after ${retryAfter} ms`);
    }
    const { pollAfterTimestamp, deviceCode } = await flow();
    ok(pollAfterTimestamp > begun.pollAfterTimestamp);
    equal(deviceCode, begun.deviceCode);
    await provider.approve(shown);
    const result = await on("deno", "finish.js");
    succeeded(result, provider);

    const { token, authenticationRecord: record } = result;
    const silent = await on("bun", "silently.js", { record });
    equal(silent.token, token);
    notEqual(silent.renewed, token);
    deepEqual(
      silent.accounts.map(({ homeAccountId, username }) => [homeAccountId, username]),
      [[record.homeAccountId, record.username]],
    );
    // Without the record, by the account that the cache keeps; and with the token that Bun renewed.
    const again = await on("node", "silently.js");
    notEqual(again.renewed, silent.renewed);
    if (!provider.s) return;
    deepEqual(
      (await provider.s.requests())
        .map(({ endpoint }) => endpoint)
        .filter((endpoint) => endpoint !== "openid"),
      ["devicecode", "token", "token", "token", "token", "refresh", "refresh"],
    );
  });

  test(`${name}: begun on Node 20, finished on Node 24`, async (t) => {
    const provider = await provide(t);
    const { on } = await arrange(provider);
    await provider.approve(await on("node20", "begin.js"));
    succeeded(await on("node24", "finish.js"), provider);
    ok((await on("node22", "silently.js")).token);
  });

  test(`${name}: who polls is killed between two polls, and another goes on`, async (t) => {
    const provider = await provide(t);
    const { on, start, flow } = await arrange(provider);
    const shown = await on("bun", "begin.js");
    const polling = start("node", "keep-polling.js");
    for (let n = 0; n < 2; n++) equal((await polling.answer()).status, "pending");
    const { pollAfterTimestamp } = await flow();
    await polling.kill();
    await provider.approve(shown);
    const result = await on("deno", "finish.js");
    succeeded(result, provider);
    // It kept to the interval of the one before.
    ok(Date.now() >= pollAfterTimestamp - 100);
    equal((await on("node24", "silently.js")).token, result.token);
  });
}

const RING = ["node20", "node22", "node24", "deno", "bun"];

for (const [n, runtime] of RING.entries()) {
  const next = RING[(n + 1) % RING.length];
  test(`begun on ${runtime}, finished on ${next}`, async (t) => {
    const provider = await entra(t);
    const { on } = await arrange(provider);
    const shown = await on(runtime, "begin.js");
    equal((await on(next, "poll.js")).status, "pending");
    equal((await on(runtime, "poll.js")).status, "pending");
    await provider.approve(shown);
    const result = await on(next, "finish.js");
    succeeded(result, provider);
    equal((await on(runtime, "silently.js")).token, result.token);
  });
}

test("killed on its way to the end, and another goes on with the flow as it was", async (t) => {
  const provider = await entra(t);
  const { on, start } = await arrange(provider);
  const shown = await on("node", "begin.js");
  const waiting = start("deno", "finish.js");
  await provider.s.waitForRequests(2, { endpoint: "token", within: 15_000 });
  await waiting.kill();
  await provider.approve(shown);
  succeeded(await on("node24", "finish.js"), provider);
});

test("killed while a poll is out, and another goes on", async (t) => {
  const provider = await entra(t, { replies: { token: [{ hang: true }] } });
  const { on, start } = await arrange(provider);
  const shown = await on("node", "begin.js");
  const polling = start("bun", "keep-polling.js");
  await provider.s.waitForRequests(1, { endpoint: "token", within: 15_000 });
  await polling.kill();
  await provider.approve(shown);
  succeeded(await on("node", "finish.js"), provider);
});

test("the interval that a server asked one process for, the next keeps", async (t) => {
  const provider = await entra(t, { replies: { token: [{ error: "slow_down" }] } });
  const { on, flow } = await arrange(provider);
  const shown = await on("node", "begin.js");
  await on("deno", "poll.js");
  equal((await flow()).interval, 6);
  await provider.approve(shown);
  succeeded(await on("bun", "finish.js"), provider);
  const [first, second] = await provider.s.requests("token");
  const wait = second.at - first.repliedAt;
  ok(wait > 5900, `waited ${wait} ms`);
});

test("two processes go on with one flow: one gets the token, both can use it", async (t) => {
  const provider = await entra(t);
  const { on } = await arrange(provider);
  const shown = await on("node", "begin.js");
  const both = Promise.all([on("node", "finish.js"), on("bun", "finish.js")]);
  await provider.s.waitForRequests(2, { endpoint: "token", within: 15_000 });
  await provider.approve(shown);
  const results = await both;
  const [result] = results.filter(({ status }) => status === "succeeded");
  const [late] = results.filter(({ status }) => !status);
  succeeded(result, provider);
  // A code is good for one token.
  equal(late.name, "AuthenticationError");
  equal(late.errorResponse.error, "invalid_grant");
  for (const runtime of ["node", "bun"]) {
    const { token } = await on(runtime, "silently.js");
    if (runtime === "node") equal(token, result.token);
  }
});

test("a flow that was changed on its way is refused everywhere, and nothing is sent", async (t) => {
  const provider = await entra(t);
  const { on } = await arrange(provider);
  await on("node", "begin.js");
  for (const runtime of ["node", "deno", "bun"]) {
    const changed = { options: { ...provider.options, clientId: "other" } };
    const { name, message } = await on(runtime, "finish.js", changed);
    equal(name, "TypeError");
    match(message, /`flow`.*\bother\b/);
  }
  equal((await provider.s.requests("token")).length, 0);
});

test("begun in a Worker's request, polled in another, finished by Node", async (t) => {
  const provider = await entra(t);
  const { on } = await arrange(provider);
  const worker = await bundleWorker({ dir: project.dir, entry: "programs/worker.js" });
  const { url, stop } = await startWorkerd({ worker, caFile });
  t.after(stop);
  const { options, scope } = provider;
  const ask = async (errand) => {
    const body = JSON.stringify({ options, ...errand });
    const response = await fetch(url, { method: "POST", body });
    return response.json();
  };
  const begun = await ask({ scope });
  const { status, flow } = await ask({ flow: begun, once: true });
  equal(status, "pending");
  await provider.approve(begun);
  const { file } = await keep(flow);
  const result = await on("node", "finish.js", { file });
  succeeded(result, provider);
});

/** @param {object} flow */
async function keep(flow) {
  const file = join(project.dir, "..", `${crypto.randomUUID()}.json`);
  await writeFile(file, JSON.stringify(flow));
  return { file };
}

try {
  await cp(PROGRAMS, join(project.dir, "programs"), { recursive: true });
  // A few at a time: every process compiles the package for itself.
  const summary = await run({ concurrency: 3, timeout: 60_000, only: values.only });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await servers.stop();
  await project.remove();
}
