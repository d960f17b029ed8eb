/**
 * Runs the package's Worker example on the real workerd, and meets its page in Chromium, as people do:
 *
 *     node hosts/browser/run.js [PART-OF-A-NAME]
 */

import { closingLine, run } from "../../base/harness/suite.js";
import { addLooking } from "./looking.js";
import { addPeople } from "./people.js";
import { addProvider } from "./provider.js";
import { openWorld } from "./world.js";

const world = await openWorld();
try {
  addProvider(world);
  addLooking(world);
  addPeople(world);
  const summary = await run({ concurrency: 3, timeout: 120_000, only: process.argv[2] });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await world.close();
}
