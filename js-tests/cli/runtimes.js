/** The runtimes with a command line, and how each runs a file of the project. */

import { program } from "../base/runners/runtimes.js";

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} executable
 * @property {string[]} run arguments before the name of a file to run
 * @property {string} preload the argument before the name of a module to run first
 * @property {(caFile: string) => Record<string, string>} trust the variables that make it trust a certificate authority
 */

/** @type {Runtime[]} */
export const RUNTIMES = [
  {
    name: "node",
    executable: process.execPath,
    run: [],
    preload: "--import",
    trust: (caFile) => ({ NODE_EXTRA_CA_CERTS: caFile }),
  },
  {
    name: "deno",
    executable: program("deno"),
    run: ["run", "--no-prompt", "-A"],
    preload: "--preload",
    trust: (caFile) => ({ DENO_CERT: caFile, DENO_NO_UPDATE_CHECK: "1" }),
  },
  {
    name: "bun",
    executable: program("bun"),
    run: [],
    preload: "--preload",
    trust: (caFile) => ({ NODE_EXTRA_CA_CERTS: caFile }),
  },
];

/** @param {string} name */
export function runtime(name) {
  const found = RUNTIMES.find((each) => each.name === name);
  if (!found) throw new Error(`no runtime ${name}`);
  return found;
}
