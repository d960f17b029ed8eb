/** The runtimes with a command line, as installed by js-tests/package.json, and how each runs a file of the project. */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../node_modules", import.meta.url));

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {(file: string) => string[]} command
 * @property {(file: string, preload: string) => string[]} preloading the same, with a module run before
 * @property {(caFile: string) => Record<string, string>} trust the variables that make it trust a certificate authority
 */

const node = process.execPath;
const deno = `${modules}/deno/bin.cjs`;
// The npm package `bun` needs an install script to find its binary, and npm runs none unasked.
const bun = `${modules}/@oven/bun-${process.platform}-${process.arch}/bin/bun`;
const extraCerts = (caFile) => ({ NODE_EXTRA_CA_CERTS: caFile });

/** @type {Runtime[]} */
export const RUNTIMES = [
  {
    name: "node",
    command: (file) => [node, file],
    preloading: (file, preload) => [node, "--import", preload, file],
    trust: extraCerts,
  },
  {
    name: "deno",
    command: (file) => [node, deno, "run", "--no-prompt", "-A", file],
    preloading: (file, preload) => [node, deno, "run", "--no-prompt", "-A", "--preload", preload, file],
    trust: (caFile) => ({ DENO_CERT: caFile, DENO_NO_UPDATE_CHECK: "1" }),
  },
  {
    name: "bun",
    command: (file) => [bun, file],
    preloading: (file, preload) => [bun, "--preload", preload, file],
    trust: extraCerts,
  },
].filter(({ name }) => name === "node" || existsSync({ deno, bun }[name]));
