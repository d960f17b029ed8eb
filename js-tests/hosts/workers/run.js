/**
 * Runs Workers that use the packed package on the real workerd, one to cancel its requests, and the package's example:
 *
 *     node hosts/workers/run.js [PART-OF-A-NAME]
 */

import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closingLine, run } from "../../base/harness/suite.js";
import { createProject } from "../../base/runners/project.js";
import { startServers } from "../../base/servers/start.js";
import { bundleExample, linkNeeds } from "./example.js";
import { addManners } from "./manners.js";
import { addRpc } from "./rpc.js";
import { addSessions } from "./sessions.js";
import { addSignIn } from "./sign-in.js";

const project = await createProject();
const servers = await startServers();
try {
  const { entra, oidc, certificate } = servers;
  globalThis.__testServers = { entra, oidc, certificate, runtime: "workerd" };
  await mkdir(join(project.dir, "workers"));
  for (const name of ["worker.js", "measured.js", "instances.js"]) {
    await cp(fileURLToPath(new URL(name, import.meta.url)), join(project.dir, "workers", name));
  }
  addManners({ dir: project.dir, caFile: certificate.caFile });
  addRpc({ dir: project.dir, caFile: certificate.caFile });
  await linkNeeds(project.dir);
  const ca = await readFile(certificate.caFile, "utf8");
  const deployments = {
    example: await bundleExample(project, "example"),
    // In this one, a session is short, and so is what comes after it.
    brief: await bundleExample(project, "brief-example", [
      ["session.js", "SESSION_LIFE = 24 * 60 * 60_000", "SESSION_LIFE = 8_000"],
      ["session.js", "EPILOGUE = 10 * 60_000", "EPILOGUE = 6_000"],
      ["session.js", "AFTERMATH = 10 * 60_000", "AFTERMATH = 4_000"],
    ]),
    // In this one, an alarm comes before its time.
    early: await bundleExample(project, "early-example", [
      ["session.js", "setAlarm(session.ends)", "setAlarm(Date.now() + 300)"],
    ]),
  };
  addSignIn({ dir: project.dir, ca, deployments });
  addSessions({ dir: project.dir, ca, deployments });
  const summary = await run({ concurrency: 4, only: process.argv[2] });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await servers.stop();
  await project.remove();
}
