/**
 * Caches in files: the lock, the file, and the packed package's credential with and without a keyring:
 *
 *     node stores/files/run.js [PART-OF-A-NAME]
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closingLine, run } from "../../base/harness/suite.js";

// The developer's own caches are not for tests.
const home = await mkdtemp(join(tmpdir(), "entra-device-code-home-"));
process.env.HOME = home;
await import("./lock.test.js");
await import("./store.test.js");
await import("./trust.test.js");
const { remove } = await import("./programs.test.js");
try {
  const summary = await run({ concurrency: 6, only: process.argv[2] });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await remove();
  await rm(home, { recursive: true, force: true });
}
