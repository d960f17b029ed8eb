/** Python's packages, azure-identity first of all, in an environment of their own, made once for each set of requirements. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));
const WINDOWS = process.platform === "win32";

/**
 * @param {string} [requirements] a file that names the packages
 * @returns {Promise<string>} the interpreter
 */
export async function preparePython(requirements = REQUIREMENTS) {
  const base = process.env.PYTHON ?? (WINDOWS ? "python" : "python3");
  // azure-identity 1.27 needs it.
  await run(base, [
    "-c",
    "import sys; sys.exit(sys.version_info < (3, 10) and 'Python 3.10 or newer, please')",
  ]);
  const hash = createHash("sha256")
    .update(await readFile(requirements))
    .digest("hex")
    .slice(0, 12);
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const home = join(cache, "entra-device-code", `venv-${hash}`);
  if (!existsSync(home)) await make(base, home, requirements);
  return interpreter(home);
}

/**
 * Whole or not at all: a half-made one would be taken for good the next time.
 *
 * @param {string} base
 * @param {string} home
 * @param {string} requirements
 */
async function make(base, home, requirements) {
  const unfinished = `${home}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    console.log(`# making ${home}`);
    await run(base, ["-m", "venv", unfinished]);
    console.log(`# installing what ${requirements} names`);
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    await run(interpreter(unfinished), [...install, "-r", requirements]);
    await rename(unfinished, home);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another run may have been faster.
    if (!existsSync(home)) throw error;
  }
}

const interpreter = (home) =>
  join(home, ...(WINDOWS ? ["Scripts", "python.exe"] : ["bin", "python"]));

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: Record<string, string | undefined>}} [options]
 * @returns {Promise<void>}
 */
export function run(command, args, options = {}) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", failed);
    child.on("close", (code, signal) => {
      if (code === 0) done();
      else failed(new Error(`${command} ended with ${signal ?? code}`));
    });
  });
}
