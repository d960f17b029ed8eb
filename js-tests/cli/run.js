/**
 * Tests the command line program and the examples of the packed package, as a user installs it:
 *
 *     node cli/run.js [--tarball FILE] [--only PART-OF-A-NAME]
 */

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { run } from "../base/harness/suite.js";
import { createProject, linkPackages } from "../base/runners/project.js";
import { startServers } from "../base/servers/start.js";
import { findPrograms } from "../base/services/programs.js";
import { place } from "./program.js";

const { values } = parseArgs({
  options: { tarball: { type: "string" }, only: { type: "string" } },
});

const manifest = await readFile(new URL("../package.json", import.meta.url), "utf8");
const { devDependencies } = JSON.parse(manifest);

const project = await createProject({ tarball: values.tarball });
const withKeyring = await createProject({
  tarball: project.tarball,
  packages: [`@napi-rs/keyring@${devDependencies["@napi-rs/keyring"]}`],
});
await linkPackages(project.dir, ["@modelcontextprotocol/sdk"]);
const servers = await startServers();
try {
  const { entra, oidc, certificate } = servers;
  globalThis.__testServers = { entra, oidc, certificate, runtime: "node" };
  await linkPackages(project.dir, ["hono", "@hono/node-server", "undici"]);
  Object.assign(place, {
    dir: project.dir,
    withKeyring: withKeyring.dir,
    env: project.env,
    caFile: certificate.caFile,
  });
  await import("./usage.test.js");
  await import("./completion.test.js");
  await import("./token.test.js");
  await import("./login.test.js");
  await import("./cache.test.js");
  await import("./cache-accounts.test.js");
  await import("./cache-trouble.test.js");
  await import("./keyring.test.js");
  await import("./terminal.test.js");
  await import("./qr.test.js");
  await import("./examples.test.js");
  await import("./mcp.test.js");
  await import("./snippets.test.js");
  const { buildExample } = await import("./native.test.js");
  await buildExample();
  // What has to be installed is, before any case's time begins. A case that lacks its program says so.
  await findPrograms("bash", "fish", "zsh").catch(() => {});
  await import("./programs.test.js");
  // Each case is a process or two, and some runtimes are slow to start.
  const { passed, failed } = await run({ concurrency: 8, timeout: 60_000, only: values.only });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
} finally {
  await servers.stop();
  await Promise.all([project.remove(), withKeyring.remove()]);
}
