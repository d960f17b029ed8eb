/**
 * Tests the command line program and the examples of the packed package, as a user installs it:
 *
 *     node cli/run.js [--tarball FILE] [--only PART-OF-A-NAME]
 */

import { parseArgs } from "node:util";
import { run } from "../harness/suite.js";
import { createProject } from "../runners/project.js";
import { startServers } from "../servers/start.js";
import { place } from "./program.js";

const { values } = parseArgs({
  options: { tarball: { type: "string" }, only: { type: "string" } },
});

const project = await createProject({ tarball: values.tarball });
const servers = await startServers();
try {
  const { entra, oidc, certificate } = servers;
  globalThis.__testServers = { entra, oidc, certificate, runtime: "node" };
  Object.assign(place, { dir: project.dir, env: project.env, caFile: certificate.caFile });
  await import("./usage.test.js");
  await import("./token.test.js");
  await import("./login.test.js");
  await import("./terminal.test.js");
  await import("./qr.test.js");
  await import("./examples.test.js");
  // Each case is a process or two, and some runtimes are slow to start.
  const { passed, failed } = await run({ concurrency: 8, timeout: 60_000, only: values.only });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
} finally {
  await servers.stop();
  await project.remove();
}
