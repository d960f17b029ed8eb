/**
 * Tests of users' programs, as the package's README shows them, in what people test with:
 *
 *     node hosts/frameworks/run.js [PART-OF-A-NAME]
 */

import { execFile } from "node:child_process";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { match, ok } from "../../base/harness/assert.js";
import { closingLine, run, test } from "../../base/harness/suite.js";
import { createProject, linkPackages } from "../../base/runners/project.js";
import { program } from "../../base/runners/runtimes.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const project = await createProject();
const cwd = join(project.dir, "testing");

/** Runs tests to their end, which must print what is expected. */
async function passes(command, args, expected) {
  const options = { cwd, env: { ...project.env, NO_COLOR: "1", CI: "1" }, timeout: 60_000 };
  const began = Date.now();
  const { stdout, stderr } = await promisify(execFile)(command, args, options);
  match(stdout + stderr, expected);
  // Time was moved; nobody waited for it.
  const took = Date.now() - began;
  ok(took < 30_000, `${took} ms`);
}

const bin = (name) => join(project.dir, "node_modules", name);

for (const node of /** @type {const} */ (["node20", "node22", "node24"])) {
  test(`node:test on ${node}`, async () => {
    const files = ["node.test.js", "polled.test.js"];
    await passes(program(node), ["--test", "--test-reporter=tap", ...files], /^# pass 4$/m);
  });
}

for (const performance of ["faked", "left alone"]) {
  test(`vitest, with \`performance\` ${performance}`, async () => {
    const toFake = ["setTimeout", "clearTimeout", "Date"];
    const fakeTimers = performance === "faked" ? {} : { toFake };
    const config = { test: { fakeTimers } };
    await writeFile(join(cwd, "vitest.config.js"), `export default ${JSON.stringify(config)}`);
    const args = [bin("vitest/vitest.mjs"), "run", "vitest.test.js"];
    await passes(process.execPath, args, /Tests +2 passed/);
  });
}

for (const performance of ["faked", "left alone"]) {
  test(`Jest, with \`performance\` ${performance}`, async () => {
    // The example's `useFakeTimers()` fakes what the configuration says.
    const fakeTimers = performance === "faked" ? {} : { doNotFake: ["performance"] };
    const config = { testMatch: ["**/*.test.cjs"], rootDir: cwd, watchman: false, fakeTimers };
    await writeFile(
      join(cwd, "faked.test.cjs"),
      `test("the configuration says what is faked", () => {
        jest.useFakeTimers();
        const before = performance.now();
        jest.advanceTimersByTime(60_000);
        expect(performance.now() - before >= 60_000).toBe(${performance === "faked"});
      });`,
    );
    const args = [bin("jest/bin/jest.js"), "--config", JSON.stringify(config)];
    await passes(process.execPath, args, /^Tests: +2 passed, 2 total$/m);
  });
}

try {
  await linkPackages(project.dir, ["vitest", "jest"]);
  const examples = join(project.dir, "node_modules", "entra-device-code", "examples");
  await cp(join(examples, "testing"), cwd, { recursive: true });
  await cp(join(HERE, "polled.test.js"), join(cwd, "polled.test.js"));
  // One at a time: the two of vitest share its configuration.
  const summary = await run({ concurrency: 1, timeout: 90_000, only: process.argv[2] });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await project.remove();
}
