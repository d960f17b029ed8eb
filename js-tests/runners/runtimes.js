/** The programs of the runtimes that npm brings: their packages hold them, or hold who holds them. */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const runtimes = createRequire(new URL("../runtimes/package.json", import.meta.url));
const tests = createRequire(new URL("../package.json", import.meta.url));

// npm may be told not to run install scripts, which put some of these where their `bin` says. So look at their source.
const PROGRAMS = {
  node22: () => beside(runtimes, "node22", "bin/node"),
  node24: () => beside(runtimes, "node24", "bin/node"),
  bun: () =>
    beside(runtimes, `@oven/bun-${process.platform}-${alias(process.arch)}`, executable("bin/bun")),
  deno: () =>
    beside(
      runtimes,
      `@deno/${process.platform}-${process.arch}${process.platform === "linux" ? "-glibc" : ""}`,
      executable("deno"),
    ),
  // Its main module is the path of the program.
  workerd: () => tests("workerd").default,
};

/**
 * @param {keyof typeof PROGRAMS} name
 * @returns {string} the program's path
 * @throws if there is none for this platform: a suite that did not run must not look like one that passed
 */
export function program(name) {
  let path;
  let why;
  try {
    path = PROGRAMS[name]();
  } catch (error) {
    why = error;
  }
  if (path && existsSync(path)) return path;
  const here = `${process.platform}-${process.arch}`;
  throw new Error(`${name} is not installed; is there one for ${here}?`, { cause: why });
}

function beside(require, name, path) {
  return join(dirname(require.resolve(`${name}/package.json`)), path);
}

function alias(arch) {
  return arch === "arm64" ? "aarch64" : arch;
}

function executable(path) {
  return process.platform === "win32" ? `${path}.exe` : path;
}
