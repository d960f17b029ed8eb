/**
 * Sign-ins and renewals by the thousand, with and without a store, some at a host that isn't built in. One request in twenty meets
 * a fault. Whatever they held is given back:
 *
 *     node hosts/faults/soak.js
 *
 * The variable SOAK says how many instead. Time is virtual.
 */

import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ok } from "../../base/harness/assert.js";
import { closingLine, run, test } from "../../base/harness/suite.js";
import { createProject } from "../../base/runners/project.js";

const COUNT = Number(process.env.SOAK ?? 10_000);
const BATCHES = 10;
/** Code is compiled in the first ones, and there is room for as many at once: from then on, nothing may grow. */
const WARM_UP = 2;
const INPUT = { batches: BATCHES, atOnce: COUNT / BATCHES, faulty: 0.05, seed: 20261124 };

/**
 * How much more there may be in the end than there was after the warm-up: a leak of 75 bytes a sign-in is more. WebAssembly's
 * memory grows by 17 pages, and its table is doubled: by chance that is done once, if more meet than before.
 */
const MORE = {
  memory: () => 17 << 16,
  references: (began) => began,
  heap: () => 600_000,
};

const project = await createProject();
let batches = [];

test("the sign-ins do what they should", () => {
  ok(batches.length === BATCHES, `${batches.length} batches`);
  for (const { wrong } of batches) ok(wrong.length === 0, wrong[0]);
  const { done, tokens, errors, aborted, requests, discoveries, faults, loads, saves } =
    batches.at(-1);
  // Two renewals each; what fails is but what nobody can help.
  ok(tokens > 2.5 * done, `${tokens} tokens`);
  ok(errors > 0 && errors < 0.05 * tokens, `${errors} errors`);
  ok(aborted > 0 && faults > 0.04 * requests, `${aborted} aborted, ${faults} faults`);
  ok(discoveries > 0.5 * done, `${discoveries} requests to discover endpoints`);
  ok(loads > done && saves > 0.5 * done, `${loads} loads, ${saves} saves`);
});

for (const [what, more] of Object.entries(MORE)) {
  test(`${what}: in the end no more than after the warm-up`, () => {
    const [began, ended] = [batches[WARM_UP - 1][what], batches.at(-1)[what]];
    ok(ended <= began + more(began), `${began}, then ${ended}`);
  });
}

for (const what of ["timers", "handles"]) {
  test(`no ${what} are left after a batch`, () => {
    for (const batch of batches) ok(batch[what] === 0, `${batch[what]} after ${batch.done}`);
  });
}

try {
  const programs = fileURLToPath(new URL("programs", import.meta.url));
  await cp(programs, join(project.dir, "faults"), { recursive: true });
  const args = ["--expose-gc", "faults/soak.js", JSON.stringify(INPUT)];
  const began = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: project.dir,
    env: project.env,
    maxBuffer: 1 << 24,
  });
  batches = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  console.table(batches.map(({ wrong: _, ...batch }) => batch));
  console.log(`${((performance.now() - began) / 1000).toFixed(1)} s`);
  const summary = await run();
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await project.remove();
}
