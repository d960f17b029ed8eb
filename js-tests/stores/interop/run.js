/**
 * Caches in files that azure-identity for Python and the packed package share:
 *
 *     node stores/interop/run.js [--tarball FILE] [--only PART-OF-A-NAME]
 */

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { closingLine, run } from "../../base/harness/suite.js";
import { createProject } from "../../base/runners/project.js";
import { startServers } from "../../base/servers/start.js";
import { place } from "../../cli/program.js";
import { preparePython } from "../../peers/conformance/python.js";
import { python } from "./meeting.js";
import { preparePortalocker } from "./portalocker.js";

const { values } = parseArgs({
  options: { tarball: { type: "string" }, only: { type: "string" } },
});

// Elsewhere Python has the system encrypt its caches, and nobody else can read them.
if (process.platform !== "linux") {
  console.log(`ok - Python keeps no plain files on ${process.platform} # skipped`);
  console.log(closingLine({ passed: 0, failed: 0, skipped: 1, failures: [] }));
  process.exit(0);
}

python.program = await preparePython();
python.portalocker = await preparePortalocker(python.program);
const project = await createProject({ tarball: values.tarball });
const servers = await startServers();
try {
  const { entra, oidc, certificate } = servers;
  globalThis.__testServers = { entra, oidc, certificate, runtime: "node" };
  Object.assign(place, { dir: project.dir, env: project.env, caFile: certificate.caFile });
  const programs = fileURLToPath(new URL("programs", import.meta.url));
  await cp(programs, join(project.dir, "interop", "programs"), { recursive: true });
  await import("./silent.test.js");
  await import("./accounts.test.js");
  await import("./files.test.js");
  await import("./locks.test.js");
  await import("./crowd.test.js");
  // Most of a case is programs that start.
  const summary = await run({ concurrency: 4, timeout: 240_000, only: values.only });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await servers.stop();
  await project.remove();
}
