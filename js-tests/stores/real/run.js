/**
 * The packed package with real stores: Redis, Cloudflare's, Web Storage; one process after the other, and many at once:
 *
 *     node stores/real/run.js [--tarball FILE] [--only PART-OF-A-NAME]
 */

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { closingLine, run } from "../../base/harness/suite.js";
import { createProject, linkPackages } from "../../base/runners/project.js";
import { startServers } from "../../base/servers/start.js";
import { startRedis } from "../../base/services/redis.js";
import { addCrowd } from "./crowd.js";
import { addFaulty } from "./faulty.js";
import { launcher } from "./launch.js";
import { addRedis } from "./redis.js";
import { addRotation } from "./rotation.js";
import { addTrouble } from "./trouble.js";
import { addWebStorage } from "./web-storage.js";
import { addWorkers } from "./workers.js";

const JS_TESTS = fileURLToPath(new URL("../..", import.meta.url));

/** What a user would install beside the package: the versions that package-lock.json names. */
const LIBRARIES = ["@azure/msal-node", "ioredis", "unstorage"];

const { values } = parseArgs({
  options: { tarball: { type: "string" }, only: { type: "string" } },
});

const project = await createProject({ tarball: values.tarball });
const servers = await startServers();
let redis;
try {
  redis = await startRedis();
  await furnish(project.dir);
  const { entra, oidc, certificate } = servers;
  globalThis.__testServers = { entra, oidc, certificate, runtime: "node" };

  const { caFile } = certificate;
  const place = { ...launcher(project, caFile), redis: redis.url, folder: project.env.HOME };
  addFaulty(place);
  addRedis(place);
  addTrouble(place);
  addWebStorage(place);
  addWorkers({ ...place, dir: project.dir, caFile });
  addCrowd(place);
  addRotation(place);

  const summary = await run({ concurrency: 4, timeout: 60_000, only: values.only });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await redis?.stop();
  await servers.stop();
  await project.remove();
}

/** @param {string} dir the project */
async function furnish(dir) {
  await cp(join(JS_TESTS, "stores", "real", "programs"), join(dir, "programs"), {
    recursive: true,
  });
  await cp(join(JS_TESTS, "suite", "renderings.js"), join(dir, "programs", "renderings.js"));
  await linkPackages(dir, LIBRARIES);
}
