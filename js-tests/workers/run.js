/**
 * Runs Workers that use the packed package on the real workerd, one to cancel its requests, and the package's example:
 *
 *     node workers/run.js [PART-OF-A-NAME]
 */

import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closingLine, run } from "../harness/suite.js";
import { createProject } from "../runners/project.js";
import { startServers } from "../servers/start.js";
import { addManners } from "./manners.js";
import { addSignIn } from "./sign-in.js";

const project = await createProject();
const servers = await startServers();
try {
  const { entra, oidc, certificate } = servers;
  globalThis.__testServers = { entra, oidc, certificate, runtime: "workerd" };
  await mkdir(join(project.dir, "workers"));
  const worker = fileURLToPath(new URL("worker.js", import.meta.url));
  await cp(worker, join(project.dir, "workers", "worker.js"));
  addManners({ dir: project.dir, caFile: certificate.caFile });
  await addSignIn({ project, caFile: certificate.caFile });
  const summary = await run({ concurrency: 4, only: process.argv[2] });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await servers.stop();
  await project.remove();
}
