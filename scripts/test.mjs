// Runs every check and adds up what passed. Each step runs even if one before it failed; the last line tells the sum. Steps that
// mostly wait run two at a time; what they print comes when they are done.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tests = join(root, "js-tests");

const NODES = ["node20", "node22", "node24"].flatMap((node) => [node, `${node}-require`]);
const RUNTIMES = [...NODES, "deno", "bun", "workerd", "edge"];

/** How many steps at once, of those that may. */
const AT_ONCE = 2;

// [name, folder, command, arguments]. A step without a line of its own that counts is one check.
const FIRST = [
  ["lint", root, "make", ["--no-print-directory", "lint"]],
  ["core", root, "cargo", ["test", "--quiet"]],
  ["wasm", root, "make", ["--no-print-directory", "test-wasm"]],
  ["glue", tests, "node", ["--test", "--test-reporter=spec", "hosts/glue.test.js"]],
  ["size", root, "node", ["scripts/package.mjs", "--check"]],
  ["servers", tests, "node", ["--test", "--test-reporter=spec", "base/servers/self.test.js"]],
  // Its sockets are real, and so is their time: nothing runs beside it.
  ["table of faults", tests, "node", ["hosts/faults/run.js"]],
  ["services", tests, "node", ["--test", "--test-reporter=spec", "base/services/self.test.js"]],
];
const TOGETHER = [
  ...RUNTIMES.map((name) => [`suite on ${name}`, tests, "node", ["base/runners/run.js", name]]),
  ["manners of programs", tests, "node", ["hosts/manners/run.js"]],
  ["whatever comes in", tests, "node", ["hosts/faults/fuzz.js"]],
  ["thousands of sign-ins", tests, "node", ["hosts/faults/soak.js"]],
  ["manners of Workers", tests, "node", ["hosts/workers/run.js"]],
  ["page in a browser", tests, "node", ["hosts/browser/run.js"]],
  ["caches in files", tests, "node", ["stores/files/run.js"]],
  ["caches shared with Python", tests, "node", ["stores/interop/run.js"]],
  ["nothing lost", tests, "node", ["stores/nothing-lost/run.js"]],
  ["real stores", tests, "node", ["stores/real/run.js"]],
  ["flows across processes", tests, "node", ["stores/flows/run.js"]],
  ["bundlers", tests, "node", ["hosts/bundlers/run.js"]],
  ["conformance with Python", tests, "node", ["peers/conformance/run.js"]],
  ["drop-in for @azure/identity", tests, "node", ["peers/drop-in/run.js"]],
  ["clients of Azure and Graph", tests, "node", ["peers/clients/run.js"]],
  ["other OpenID providers", tests, "node", ["peers/providers/run.js"]],
  ["command line and examples", tests, "node", ["cli/run.js"]],
  ["tests of users' programs", tests, "node", ["hosts/frameworks/run.js"]],
  ["bench", tests, "node", ["bench/test.js"]],
  ["declarations", tests, "node", ["hosts/types/run.js"]],
  ["what is published", tests, "node", ["hosts/packaging/run.js"]],
  ["pages of the API", root, "make", ["--no-print-directory", "docs"]],
];

// cargo's, node:test's, and our own closing lines.
const COUNTS = [
  [/test result: \w+\. (\d+) passed; (\d+) failed/g, 1, 2],
  [/^ℹ pass (\d+)[\s\S]*?^ℹ fail (\d+)/gm, 1, 2],
  [/^(\d+) passed, (\d+) failed(?:, \d+ skipped)?$/gm, 1, 2],
];

let passed = 0;
let failed = 0;
const began = Date.now();
for (const step of FIRST) await check(step, true);
const left = TOGETHER.values();
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (const step of left) await check(step, false);
  }),
);
console.log(`\n${seconds(began)} s in all`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function check([name, cwd, command, args], atOnce) {
  const began = Date.now();
  const title = `\n== ${name}`;
  if (atOnce) console.log(title);
  const { status, output } = await run(command, args, cwd, atOnce);
  if (!atOnce) process.stdout.write(`${title}\n${output}`);
  const counts = count(output);
  if (counts.passed + counts.failed === 0) counts[status === 0 ? "passed" : "failed"] = 1;
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  passed += counts.passed;
  failed += counts.failed;
  const how = status === 0 ? "took" : `failed with status ${status}, after`;
  console.log(`== ${name} ${how} ${seconds(began)} s`);
}

function seconds(began) {
  return Math.round((Date.now() - began) / 1000);
}

function run(command, args, cwd, atOnce) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const [stream, out] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.setEncoding("utf8").on("data", (chunk) => {
        output += chunk;
        if (atOnce) out.write(chunk);
      });
    }
    child.on("error", (error) => resolve({ status: String(error), output }));
    child.on("close", (status) => resolve({ status, output }));
  });
}

function count(output) {
  const sum = { passed: 0, failed: 0 };
  for (const [pattern, good, bad] of COUNTS) {
    for (const match of output.matchAll(pattern)) {
      sum.passed += Number(match[good]);
      sum.failed += Number(match[bad]);
    }
  }
  return sum;
}
