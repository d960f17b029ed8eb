/**
 * portalocker, in a folder of its own: with it, msal-extensions locks caches in another way. It is for PYTHONPATH, so that one
 * environment serves both ways.
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../peers/conformance/python.js";

const REQUIREMENTS = fileURLToPath(new URL("portalocker.txt", import.meta.url));

/**
 * @param {string} python the interpreter of the environment
 * @returns {Promise<string>} the folder
 */
export async function preparePortalocker(python) {
  const hash = createHash("sha256")
    .update(await readFile(REQUIREMENTS))
    .digest("hex")
    .slice(0, 12);
  const folder = join(dirname(dirname(dirname(python))), `portalocker-${hash}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  try {
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
    await run(python, [...install, "--target", unfinished, "-r", REQUIREMENTS]);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another run may have been faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
