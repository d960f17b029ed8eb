/** The programs of the runtimes that npm brings: their packages hold them, or hold who holds them. */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const runtimes = createRequire(new URL("../runtimes/package.json", import.meta.url));
const tests = createRequire(new URL("../../package.json", import.meta.url));

const { platform } = process;
const exe = platform === "win32" ? ".exe" : "";

// Where each may be. npm may not run install scripts, so don't count on what they put where `bin` says.
const PROGRAMS = {
  node20: () => [beside(runtimes, "node20", "bin/node")],
  node22: () => [beside(runtimes, "node22", "bin/node")],
  node24: () => [beside(runtimes, "node24", "bin/node")],
  bun: () => [
    beside(runtimes, `@oven/bun-${platform}-${arch({ arm64: "aarch64" })}`, `bin/bun${exe}`),
    // The install script, if it ran, has moved it.
    beside(runtimes, "bun", "bin/bun.exe"),
  ],
  deno: () => [
    beside(
      runtimes,
      `@deno/${platform}-${arch()}${platform === "linux" ? "-glibc" : ""}`,
      `deno${exe}`,
    ),
  ],
  // Its main module is the path of the program.
  workerd: () => [tests("workerd").default],
};

/**
 * @param {keyof typeof PROGRAMS} name
 * @returns {string} the program's path
 * @throws if there is none for this platform: a suite that did not run must not look like one that passed
 */
export function program(name) {
  const path = PROGRAMS[name]().find((each) => each && existsSync(each));
  if (!path) throw new Error(`${name} is not installed for ${platform}-${arch()}`);
  return path;
}

function beside(require, name, path) {
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), path);
  } catch {
    return undefined; // an optional package, of another platform
  }
}

/** @param {Record<string, string>} [aliases] */
function arch(aliases = {}) {
  return aliases[process.arch] ?? process.arch;
}
