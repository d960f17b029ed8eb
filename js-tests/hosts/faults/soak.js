/**
 * Sign-ins and renewals by the thousand, of which one request in twenty meets a fault. Whatever they held is given back:
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
const INPUT = { count: COUNT, atOnce: COUNT / BATCHES, faulty: 0.05, seed: 20261124 };

/** How much more the second half may hold than the first: a leak of 100 bytes a sign-in is more. */
const MORE = { memory: 1 << 17, references: 256, heap: 1 << 20 };

const project = await createProject();
let batches = [];

test("the sign-ins do what they should", () => {
  const { tokens, errors, aborted, requests, faults } = batches.at(-1);
  ok(batches.length === BATCHES, `${batches.length} batches`);
  for (const { wrong } of batches) ok(wrong.length === 0, wrong[0]);
  // Two renewals each; what fails is but what nobody can help.
  ok(tokens > 2.5 * COUNT, `${tokens} tokens`);
  ok(errors > 0 && errors < 0.05 * tokens, `${errors} errors`);
  ok(aborted > 0 && faults > 0.04 * requests, `${aborted} aborted, ${faults} faults`);
});

for (const [what, most] of Object.entries(MORE)) {
  test(`no more ${what} after the second half than after the first`, () => {
    const half = batches.length / 2;
    const highest = (some) => Math.max(...some.map((batch) => batch[what]));
    const [first, second] = [highest(batches.slice(1, half)), highest(batches.slice(half))];
    ok(second <= first + most, `${first}, then ${second}`);
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
