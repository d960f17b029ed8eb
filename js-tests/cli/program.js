/** Starts the installed program, or an example, and follows what it writes. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { testServers } from "../base/harness/servers.js";
import { runtime } from "./runtimes.js";

const BIN = "node_modules/entra-device-code/bin/entra-device-code.js";
const TERMINAL = fileURLToPath(new URL("terminal.py", import.meta.url));
const NETWORK = fileURLToPath(new URL("network.mjs", import.meta.url));

/**
 * Where everything runs; set by run.js. `withKeyring` is a project that has what reaches the system's keyring too.
 *
 * @type {{dir: string, withKeyring: string, env: Record<string, string>, caFile: string}}
 */
export const place = { dir: "", withKeyring: "", env: {}, caFile: "" };

/**
 * @typedef {object} Program
 * @property {string} stdout so far
 * @property {string} stderr so far
 * @property {Promise<{status: number | null, signal: string | null, stdout: string, stderr: string}>} ended
 * @property {(pattern: RegExp, within?: number) => Promise<RegExpMatchArray>} shows when stderr matches
 * @property {(text: string) => void} type
 * @property {import("node:child_process").ChildProcess} child
 */

/**
 * @typedef {object} ProgramOptions
 * @property {string} [on] the runtime, Node by default
 * @property {number} [columns] of a terminal of its own: without one, all streams are pipes
 * @property {Record<string, string>} [env]
 * @property {string} [preload] a module to run first
 * @property {string} [cwd] the project's own folder by default
 * @property {string[]} [run] arguments of the runtime in place of those that allow all
 * @property {number} [uid] as another user
 */

/**
 * The package's own program.
 *
 * @param {import("../base/harness/suite.js").TestContext} t
 * @param {string[]} args
 * @param {ProgramOptions} [options]
 */
export function startCli(t, args, options) {
  return start(t, BIN, args, options);
}

/**
 * @param {import("../base/harness/suite.js").TestContext} t
 * @param {string} file of the project
 * @param {string[]} args
 * @param {ProgramOptions} [options]
 * @returns {Program}
 */
export function start(
  t,
  file,
  args,
  { on = "node", columns, env = {}, preload, cwd, uid, ...own } = {},
) {
  const { executable, preload: flag, trust, run } = { ...runtime(on), ...own };
  const before = preload ? [flag, preload] : [];
  const command = [executable, ...run, ...before, file, ...args];
  if (columns) command.unshift("python3", TERMINAL, String(columns));
  return follow(t, command, { ...trust(place.caFile), TERM: "xterm-256color", ...env }, cwd, uid);
}

/**
 * For programs that know nothing of tests: Microsoft's hosts lead to the scenario.
 *
 * @param {import("../base/harness/scenario.js").Scenario} s
 * @param {Record<string, {scope: string, body: unknown}>} [resources] what else there is, by URL
 * @returns {ProgramOptions}
 */
export function onNetwork({ id: scenario }, resources) {
  const { url: entra } = testServers().entra;
  return { preload: NETWORK, env: { NETWORK: JSON.stringify({ entra, scenario, resources }) } };
}

/**
 * @param {import("../base/harness/suite.js").TestContext} t
 * @param {string[]} command
 * @param {Record<string, string>} [env]
 * @param {string} [cwd]
 * @param {number} [uid]
 * @returns {Program}
 */
export function follow(t, [name, ...args], env, cwd = place.dir, uid) {
  const child = spawn(name, args, { cwd, uid, gid: uid, env: { ...place.env, ...env } });
  t.after(() => child.kill("SIGKILL"));
  child.stdin.on("error", () => {}); // typed to a program that has ended
  const program = {
    child,
    stdout: "",
    stderr: "",
    type: (text) => void child.stdin.write(text),
    async shows(pattern, within = 15_000) {
      const late = AbortSignal.timeout(within);
      for (;;) {
        const found = program.stderr.match(pattern);
        if (found) return found;
        if (child.exitCode !== null || late.aborted) {
          throw new Error(`stderr never matched ${pattern}; it is:\n${program.stderr}`);
        }
        const one = new AbortController();
        const next = [once(child.stderr, "data", one), once(child, "close", one)];
        await Promise.race([...next, once(late, "abort", one)]).finally(() => one.abort());
      }
    },
    ended: new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status, signal) => {
        const { stdout, stderr } = program;
        resolve({ status, signal, stdout, stderr });
      });
    }),
  };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      program[stream] += text;
    });
  }
  return program;
}
