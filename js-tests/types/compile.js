/** Runs the TypeScript compiler, or another program whose exit code judges. */

import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TSC = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

/** @typedef {{passed: boolean, output: string}} Judgement */

/**
 * @param {string} dir
 * @param {object} compilerOptions
 * @param {string[]} [include]
 * @returns {Promise<Judgement>}
 */
export async function compile(dir, compilerOptions, include = ["**/*"]) {
  await writeFile(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
  return judge(process.execPath, [TSC, "--project", dir, "--pretty", "false"], dir);
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
