/**
 * How programs behave that use the packed package: when they end, what they may be told, what they ask of the host:
 *
 *     node hosts/manners/run.js [PART-OF-A-NAME]
 */

import { execFile } from "node:child_process";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { deepEqual, equal, match, ok } from "../../base/harness/assert.js";
import { createScenario } from "../../base/harness/scenario.js";
import { closingLine, run, test } from "../../base/harness/suite.js";
import { createProject } from "../../base/runners/project.js";
import { program } from "../../base/runners/runtimes.js";
import { startServers } from "../../base/servers/start.js";

const PROGRAMS = fileURLToPath(new URL("programs", import.meta.url));
const DENO = ["run", "--quiet", "--no-prompt", "--node-modules-dir=manual"];

const project = await createProject();
const servers = await startServers();
globalThis.__testServers = { entra: servers.entra, oidc: servers.oidc };

/** How to start a program on each runtime. */
const RUNTIMES = {
  node: () => [process.execPath],
  node22: () => [program("node22")],
  node24: () => [program("node24")],
  deno: () => [program("deno"), ...DENO, `--allow-read=${project.dir}`],
  bun: () => [program("bun")],
};

/** Runs a program to its end, and gives the objects it printed, as one. */
async function start([command, ...args], name, { args: more = [], env = {} } = {}) {
  const { stdout } = await promisify(execFile)(
    command,
    [...args, join("programs", name), ...more],
    {
      cwd: project.dir,
      env: { ...project.env, ...env },
      timeout: 60_000,
    },
  );
  return Object.assign(
    {},
    ...stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
}

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  test(`${runtime}: a pending sign-in keeps the program alive, and nothing does afterwards`, async () => {
    const { token, same, took, lingered } = await start(command(), "pending.js");
    equal(token, "a token");
    ok(same);
    ok(took >= 1900 && took < 4000, `${took} ms`);
    ok(lingered < 200, `${lingered} ms`);
  });

  test(`${runtime}: a credential that does nothing keeps nothing alive`, async () => {
    const { lingered } = await start(command(), "idle.js");
    ok(lingered < 200, `${lingered} ms`);
  });

  test(`${runtime}: a host that lacks something is told what`, async () => {
    const { webAssembly, fetch, took } = await start(command(), "lacking.js");
    match(webAssembly, /^Error: .*\bWebAssembly\b/);
    match(fetch, /^CredentialUnavailableError: .*`fetch`/);
    ok(took < 500, `${took} ms`);
  });

  test(`${runtime}: one compilation, when the first credential is made`, async () => {
    deepEqual(await start(command(), "once.js"), {
      onImport: { compiled: 0, instantiated: 0 },
      afterwards: { compiled: 1, instantiated: 1 },
      same: true,
    });
  });

  for (const [how, cause] of [
    ["memory", /^RuntimeError: /],
    ["thrown", /^RangeError: thrown from an export$/],
  ]) {
    test(`${runtime}: an instance that dies (${how}) takes its calls with it, and nothing else`, async () => {
      const { rejected, aborted, took, token, same, instances, unhandled, leaks, lingered } =
        await start(command(), "died.js", { args: [how] });
      for (const [name, message, why] of rejected) {
        equal(name, "AuthenticationError");
        match(message, /WebAssembly instance .* Call again/);
        match(why, cause);
      }
      ok(rejected.length >= 4);
      ok(aborted >= 1, "what is under way is aborted");
      ok(took < 5000, `${took} ms`);
      // Another credential works, and so does this one.
      deepEqual([token, same, instances], ["a token", "a token", 2]);
      deepEqual([unhandled, leaks], [[], []]);
      ok(lingered < 200, `${lingered} ms`);
    });
  }

  for (const faked of ["queueMicrotask", "setTimeout"]) {
    test(`${runtime}: a ${faked} that was faked for a while stops no later call`, async () => {
      const { token, took } = await start(command(), "faked.js", { args: [faked] });
      equal(token, "a token");
      ok(took < 10_000, `${took} ms`);
    });
  }

  test(`${runtime}: a closed credential leaves no token in the memory`, async () => {
    deepEqual(await start(command(), "closed.js"), { before: 2, after: [] });
    const closed = await start(command(), "closed.js", { args: ["meanwhile"] });
    deepEqual(closed.after, []);
  });

  test(`${runtime}: an account that was removed leaves no token in the memory`, async () => {
    const { before, after } = await start(command(), "closed.js", { args: ["signedOut"] });
    deepEqual({ before, after }, { before: 2, after: [] });
  });

  test(`${runtime}: why there is no reply is told, and what to do`, async (t) => {
    const s = await createScenario();
    t.after(() => s.remove());
    const may = runtime === "deno" ? ["--allow-net"] : [];
    const { certificate, name } = await start([...command(), ...may], "unreachable.js", {
      args: [s.authority(), s.id],
    });
    match(certificate, /NODE_EXTRA_CA_CERTS.*DENO_CERT/);
    match(name, /can't be resolved/);
  });

  test(`${runtime}: a module that the program loaded itself`, async () => {
    const { tooEarly, notOne, token } = await start(command(), "given.js");
    match(tooEarly, /provideModule/);
    match(notOne, /^TypeError: .*WebAssembly\.Module/);
    equal(token, "a token");
  });
}

test("deno: needs nothing but its host, and to read its own file", async (t) => {
  const s = await createScenario();
  t.after(() => s.remove());
  const { host } = new URL(s.authority());
  const log = join(project.dir, "permissions.log");
  const command = [...RUNTIMES.deno(), `--allow-net=${host}`];
  const { tokenType } = await start(command, "permitted.js", {
    args: [s.authority(), s.id],
    env: { DENO_CERT: servers.certificate.caFile, DENO_AUDIT_PERMISSIONS: log },
  });
  equal(tokenType, "Bearer");
  // Whatever else it asked for might prompt.
  const asked = (await readFile(log, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const kinds = new Set(asked.map(({ permission }) => permission));
  deepEqual([...kinds].sort(), ["net", "read"]);
  for (const { permission, value } of asked) {
    if (permission === "read") match(value, /entra_device_code_bg\.wasm$/);
    else ok(value.includes(host), value);
  }
});

try {
  await cp(PROGRAMS, join(project.dir, "programs"), { recursive: true });
  // A few at a time: some of them look at the clock.
  const summary = await run({ concurrency: 2, only: process.argv[2] });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await servers.stop();
  await project.remove();
}
