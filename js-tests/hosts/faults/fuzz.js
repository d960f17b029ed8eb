/**
 * The built package, given whatever comes: odd options, arguments, replies, items of stores, flows, records and challenges, by
 * chance.
 *
 *     node hosts/faults/fuzz.js
 *
 * The variable FUZZ says how many trials. Time is virtual; a trial can be made again by its number.
 */

import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { deepEqual, ok } from "../../base/harness/assert.js";
import { closingLine, run, test } from "../../base/harness/suite.js";
import { createProject } from "../../base/runners/project.js";

const INPUT = { count: Number(process.env.FUZZ ?? 4000), seed: 20261124 };

const project = await createProject();
let outcome;

test("each trial ends as promised", () => {
  const { wrong } = outcome;
  ok(wrong.length === 0, `${wrong.length} did not:\n${wrong.slice(0, 5).join("\n")}`);
});

test("they are of every kind", () => {
  const { trials, calls, tokens, errors, kinds } = outcome;
  ok(trials === INPUT.count && calls > trials, `${trials} trials, ${calls} calls`);
  ok(tokens > calls / 20, `${tokens} tokens of ${calls} calls`);
  for (const name of ["TypeError", "AuthenticationError", "CredentialUnavailableError"]) {
    ok(errors[name] > 0, `no ${name}`);
  }
  for (const [kind, times] of Object.entries(kinds)) {
    ok(times > trials / 400, `${kind}: ${times} times in ${trials} trials`);
  }
});

test("a store that goes on with a save that was given up harms nobody", async () => {
  const args = ["faults/late.js"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project.dir });
  deepEqual(JSON.parse(stdout), { token: "token 1", again: "token 1", late: 0 });
});

test("a store that logs when its credential is gone harms nobody", async () => {
  const args = ["--expose-gc", "faults/late-log.js"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project.dir });
  deepEqual(JSON.parse(stdout), { isGone: true, isLate: true, call: "token" });
});

try {
  const programs = fileURLToPath(new URL("programs", import.meta.url));
  await cp(programs, join(project.dir, "faults"), { recursive: true });
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["faults/fuzz.js", JSON.stringify(INPUT)],
    { cwd: project.dir, env: project.env, maxBuffer: 1 << 26 },
  );
  outcome = JSON.parse(stdout.trim().split("\n").at(-1));
  const { wrong: _, ...counts } = outcome;
  console.log(JSON.stringify(counts));
  const summary = await run();
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await project.remove();
}
