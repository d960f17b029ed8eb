// Runs every check and adds up what passed. Each step runs even if one before it failed; the last line tells the sum.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tests = join(root, "js-tests");

const NODES = ["node20", "node22", "node24"].flatMap((node) => [node, `${node}-require`]);
const RUNTIMES = [...NODES, "deno", "bun", "workerd", "edge"];

// [name, folder, command, arguments]. A step without a line of its own that counts is one check.
const STEPS = [
  ["lint", root, "make", ["--no-print-directory", "lint"]],
  ["core", root, "cargo", ["test", "--quiet"]],
  ["wasm", root, "make", ["--no-print-directory", "test-wasm"]],
  ["size", root, "node", ["scripts/package.mjs", "--check"]],
  ["servers", tests, "node", ["--test", "--test-reporter=spec", "servers/self.test.js"]],
  ["services", tests, "node", ["--test", "--test-reporter=spec", "services/self.test.js"]],
  ...RUNTIMES.map((name) => [`suite on ${name}`, tests, "node", ["runners/run.js", name]]),
  ["manners of programs", tests, "node", ["manners/run.js"]],
  ["manners of Workers", tests, "node", ["workers/run.js"]],
  ["caches in files", tests, "node", ["files/run.js"]],
  ["caches shared with Python", tests, "node", ["interop/run.js"]],
  ["real stores", tests, "node", ["stores/run.js"]],
  ["flows across processes", tests, "node", ["flows/run.js"]],
  ["bundlers", tests, "node", ["bundlers/run.js"]],
  ["conformance with Python", tests, "node", ["conformance/run.js"]],
  ["drop-in for @azure/identity", tests, "node", ["drop-in/run.js"]],
  ["clients of Azure and Graph", tests, "node", ["clients/run.js"]],
  ["command line and examples", tests, "node", ["cli/run.js"]],
  ["declarations", tests, "node", ["types/run.js"]],
];

// cargo's, node:test's, and our own closing lines.
const COUNTS = [
  [/test result: \w+\. (\d+) passed; (\d+) failed/g, 1, 2],
  [/^ℹ pass (\d+)[\s\S]*?^ℹ fail (\d+)/gm, 1, 2],
  [/^(\d+) passed, (\d+) failed(?:, \d+ skipped)?$/gm, 1, 2],
];

let passed = 0;
let failed = 0;
for (const [name, cwd, command, args] of STEPS) {
  console.log(`\n== ${name}`);
  const { status, output } = await run(command, args, cwd);
  const counts = count(output);
  if (counts.passed + counts.failed === 0) counts[status === 0 ? "passed" : "failed"] = 1;
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  passed += counts.passed;
  failed += counts.failed;
  if (status !== 0) console.log(`== ${name} failed with status ${status}`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function run(command, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const [stream, out] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.on("data", (chunk) => {
        output += chunk;
        out.write(chunk);
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
