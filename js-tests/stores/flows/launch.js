/** Starts programs of the project, on every runtime that has processes. */

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { program } from "../../base/runners/runtimes.js";

/** How long a program may run, in milliseconds. */
const LONGEST = 30_000;

/** How to start a program on each, in the case's own home. */
const RUNTIMES = {
  node: () => [process.execPath],
  node20: () => [program("node20")],
  node22: () => [program("node22")],
  node24: () => [program("node24")],
  bun: () => [program("bun")],
  deno: ({ dir, home }) => [
    program("deno"),
    "run",
    "--quiet",
    "--no-prompt",
    "--node-modules-dir=manual",
    "--allow-net=localhost",
    "--allow-env=HOME,USERPROFILE,LOCALAPPDATA",
    `--allow-read=${dir},${home}`,
    `--allow-write=${home}`,
  ],
};

/** @typedef {keyof typeof RUNTIMES} Runtime */

/**
 * @param {import("../../base/runners/project.js").Project} project
 * @param {string} caFile whom the programs trust
 */
export function launcher(project, caFile) {
  const environment = (home) => ({
    ...project.env,
    HOME: home,
    USERPROFILE: home,
    LOCALAPPDATA: home,
    NODE_EXTRA_CA_CERTS: caFile,
    DENO_CERT: caFile,
    DENO_DIR: join(project.env.HOME, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
  });
  const commandLine = (runtime, name, home, errand) => {
    const [command, ...flags] = RUNTIMES[runtime]({ dir: project.dir, home });
    return [command, [...flags, join("programs", name), JSON.stringify(errand)]];
  };

  return {
    /**
     * Runs a program to its end, and gives what it answered. A warning is a failure.
     *
     * @param {Runtime} runtime
     * @param {string} name
     * @param {string} home
     * @param {object} errand
     */
    async launch(runtime, name, home, errand) {
      const [command, args] = commandLine(runtime, name, home, errand);
      const options = { cwd: project.dir, env: environment(home), timeout: LONGEST };
      const { stdout, stderr } = await promisify(execFile)(command, args, options);
      if (stderr) throw new Error(`${name} on ${runtime} wrote to stderr: ${stderr}`);
      return JSON.parse(stdout);
    },

    /** Starts a program that is to be killed. */
    start(runtime, name, home, errand) {
      const [command, args] = commandLine(runtime, name, home, errand);
      const child = spawn(command, args, {
        cwd: project.dir,
        env: environment(home),
        stdio: ["ignore", "pipe", "inherit"],
        timeout: LONGEST,
      });
      const closed = once(child, "close");
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      return {
        /** What it answers next. */
        async answer() {
          const { value } = await lines.next();
          if (!value) throw new Error(`${name} on ${runtime} ended`);
          return JSON.parse(value);
        },
        async kill() {
          child.kill("SIGKILL");
          const [, signal] = await closed;
          if (signal !== "SIGKILL") throw new Error(`${name} on ${runtime} ended by itself`);
        },
      };
    },
  };
}
