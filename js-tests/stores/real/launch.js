/** Starts programs of the project, on runtimes that have processes. */

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { program } from "../../base/runners/runtimes.js";

/** How long a program may run, in milliseconds. */
const LONGEST = 60_000;

const DENO = ["run", "--quiet", "--no-prompt", "--node-modules-dir=manual"];
const WEB_STORAGE = ["--no-warnings", "--experimental-webstorage"];

/** How to start a program on each. */
const RUNTIMES = {
  node: () => [process.execPath],
  bun: () => [program("bun")],
  deno: () => [program("deno"), ...DENO, "--allow-net", "--allow-read", "--allow-env"],
  "deno at a location": ({ location }) => [
    program("deno"),
    ...DENO,
    "--allow-net",
    "--allow-read",
    `--location=${location}`,
  ],
  "node22 with Web Storage": ({ file }) => [
    program("node22"),
    ...WEB_STORAGE,
    `--localstorage-file=${file}`,
  ],
  "node24 with Web Storage": ({ file }) => [
    program("node24"),
    ...WEB_STORAGE,
    `--localstorage-file=${file}`,
  ],
};

/** @typedef {(runtime: keyof typeof RUNTIMES, name: string, errand: object) => Promise<any>} Launch */

/**
 * @param {import("../../base/runners/project.js").Project} project
 * @param {string} caFile
 */
export function launcher(project, caFile) {
  const trusting = { NODE_EXTRA_CA_CERTS: caFile, DENO_CERT: caFile };
  const env = {
    ...project.env,
    ...trusting,
    DENO_DIR: join(project.env.HOME, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
  };
  const options = { cwd: project.dir, env };

  return {
    /** Runs a program to its end, and gives what it answered. @type {Launch} */
    async launch(runtime, name, errand) {
      const [command, ...flags] = RUNTIMES[runtime](errand);
      const args = [...flags, join("programs", name), JSON.stringify(errand)];
      const { stdout } = await promisify(execFile)(command, args, { ...options, timeout: LONGEST });
      return JSON.parse(stdout);
    },

    /** Starts a program that answers line by line. */
    async converse(name, errand) {
      const args = [join("programs", name), JSON.stringify(errand)];
      const child = spawn(process.execPath, args, {
        ...options,
        stdio: ["pipe", "pipe", "inherit"],
        timeout: LONGEST,
      });
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const answer = async () => JSON.parse((await lines.next()).value ?? '{"error":"it ended"}');
      return {
        ready: answer(),
        ask(each) {
          child.stdin.write(`${JSON.stringify(each)}\n`);
          return answer();
        },
        async end() {
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.stdin.end();
          await once(child, "close");
        },
      };
    },
  };
}
