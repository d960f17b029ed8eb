/** Runs the TypeScript compiler, or another program whose exit code judges. */

import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MODULES = new URL("../../node_modules/", import.meta.url);

/** @typedef {{passed: boolean, output: string}} Judgement */

/**
 * @param {string} dir
 * @param {object} compilerOptions
 * @param {string[]} [include]
 * @param {string} [compiler] the package that has it
 * @returns {Promise<Judgement>}
 */
export async function compile(dir, compilerOptions, include = ["**/*"], compiler = "typescript") {
  await writeFile(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
  const tsc = fileURLToPath(new URL(`${compiler}/bin/tsc`, MODULES));
  return judge(process.execPath, [tsc, "--project", dir, "--pretty", "false"], dir);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<Judgement>}
 */
export async function judge(command, args, cwd) {
  const child = spawn(command, args, { cwd });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { passed: code === 0, output };
}
