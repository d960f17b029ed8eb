/**
 * Nobody's sign-in is ever lost, whatever happens: processes that are killed, many at once, a disk that is full or may not be
 * written, garbage, a keyring that is gone, a store that hangs. With the packed package, in processes of its own:
 *
 *     node stores/nothing-lost/run.js [--tarball FILE] [--only PART-OF-A-NAME]
 */

import { chmod, cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { closingLine, run } from "../../base/harness/suite.js";
import { createProject } from "../../base/runners/project.js";
import { startKeyring } from "../../base/services/keyring.js";
import { addCrowd } from "./crowd.js";
import { addForbidden } from "./forbidden.js";
import { addFullDisk } from "./full-disk.js";
import { addGarbled } from "./garbled.js";
import { addKilled } from "./killed.js";
import { launcher } from "./launch.js";
import { addLostKeyring } from "./lost-keyring.js";
import { addOutOfOrder } from "./out-of-order.js";
import { addStopped } from "./stopped.js";

const PROGRAMS = fileURLToPath(new URL("programs", import.meta.url));
const MODULES = fileURLToPath(new URL("../../node_modules/@napi-rs", import.meta.url));

const { values } = parseArgs({
  options: { tarball: { type: "string" }, only: { type: "string" } },
});

const project = await createProject({ tarball: values.tarball });
const { killAll, ...programs } = launcher(project);
let keyring;
try {
  keyring = await startKeyring();
  const root = join(project.dir, "..");
  // Some programs are another user's.
  await chmod(root, 0o755);
  await cp(PROGRAMS, join(project.dir, "programs"), { recursive: true });
  // Beside it, the project of somebody who has installed the keyring's module.
  const withKeyring = join(root, "with-keyring");
  await cp(project.dir, withKeyring, { recursive: true });
  await symlink(MODULES, join(withKeyring, "node_modules", "@napi-rs"), "junction");
  const homes = join(root, "homes");
  await mkdir(homes);

  const place = { ...programs, root: homes, keyring };
  // First, what waits most of its time.
  addOutOfOrder(place);
  addStopped(place);
  addKilled(place);
  addCrowd(place);
  addGarbled(place);
  addLostKeyring(place);
  addFullDisk(place);
  addForbidden(place);

  const summary = await run({ concurrency: 4, timeout: 600_000, only: values.only });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await killAll();
  await keyring?.stop();
  await project.remove();
}
