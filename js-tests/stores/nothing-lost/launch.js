/** Starts programs of the project, which do errands until they are told to end, or are killed. */

import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { program } from "../../base/runners/runtimes.js";

/** How long a program may run, in milliseconds: whoever runs longer hangs. */
const LONGEST = 110_000;

const DENO = ["run", "--quiet", "--no-prompt", "--node-modules-dir=manual"];
const DENO_RIGHTS = ["read", "write", "env", "sys", "ffi"].map((right) => `--allow-${right}`);

/** How to start a program on each. */
export const RUNTIMES = {
  node: () => [process.execPath],
  node24: () => [program("node24")],
  bun: () => [program("bun")],
  deno: () => [program("deno"), ...DENO, ...DENO_RIGHTS, "--allow-run"],
  // It can't be asked whether a process is dead.
  "deno that may not run": () => [program("deno"), ...DENO, ...DENO_RIGHTS],
};

/**
 * @typedef {object} Running
 * @property {Promise<void>} ready
 * @property {(errand: object) => Promise<any>} ask resolves to the answer; to `{ended}` if the program ends before
 * @property {(who: string) => Promise<void>} prompted resolves when somebody is asked to sign in
 * @property {Promise<unknown>} stops resolves when it is about to stop: see faulty-disk.js
 * @property {() => void} proceed
 * @property {() => Promise<void>} end
 * @property {() => void} kill
 * @property {Promise<unknown>} ended
 * @property {number} pid
 */

/** @param {import("../../base/runners/project.js").Project} project */
export function launcher(project) {
  /** @type {Set<Running>} */
  const running = new Set();
  const dirs = { plain: project.dir, keyring: join(project.dir, "..", "with-keyring") };

  /**
   * Starts the program.
   *
   * @param {object} options
   * @param {string} options.home
   * @param {keyof typeof RUNTIMES} [options.runtime]
   * @param {keyof typeof dirs} [options.project] with the keyring's module, or without
   * @param {object} [options.disk] see faulty-disk.js
   * @param {Record<string, string | undefined>} [options.env]
   * @param {(command: string[]) => string[]} [options.within] what to start it with
   * @param {{uid: number, gid: number}} [options.as]
   * @returns {Running}
   */
  function start({ home, runtime = "node", disk, env, project: name = "plain", within, as }) {
    const preload = disk ? ["--import", "./programs/faulty-disk.js"] : [];
    const bare = [...RUNTIMES[runtime](), ...preload, join("programs", "program.js")];
    const [command, ...args] = within ? within(bare) : bare;
    const child = spawn(command, args, {
      cwd: dirs[name],
      env: { ...environment(home), DISK: JSON.stringify(disk ?? {}), ...env },
      ...as,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const program = conversation(child);
    running.add(program);
    const forget = () => running.delete(program);
    program.ended.then(forget, forget);
    return program;
  }

  /** @param {string} home */
  function environment(home) {
    return {
      ...project.env,
      HOME: home,
      USERPROFILE: home,
      LOCALAPPDATA: home,
      DENO_DIR: join(project.dir, "..", "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      // No keyring but a test's own.
      DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere",
      XDG_RUNTIME_DIR: "/nowhere",
      DISPLAY: "",
      WAYLAND_DISPLAY: "",
    };
  }

  /** Starts a program for one errand. */
  async function once(options, errand) {
    const running = start(options);
    const answer = await running.ask(errand);
    await running.end();
    return answer;
  }

  /** Runs another program of the project to its end, and gives what it prints. */
  async function runOther({ home, project: name = "plain", env }, file, args) {
    const options = { cwd: dirs[name], env: { ...environment(home), ...env }, timeout: LONGEST };
    const command = [join("programs", file), ...args];
    return (await promisify(execFile)(process.execPath, command, options)).stdout;
  }

  /** Of a case that failed, programs may be left. */
  async function killAll() {
    for (const each of running) each.kill();
    await Promise.allSettled([...running].map(({ ended }) => ended));
  }

  return { start, once, runOther, killAll };
}

/**
 * @param {import("node:child_process").ChildProcessWithoutNullStreams} child
 * @returns {Running}
 */
function conversation(child) {
  let errors = "";
  let end;
  let number = 0;
  const waiting = new Map();
  const events = new Map();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, LONGEST);
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      end = isLate ? `only after ${LONGEST} ms` : (signal ?? code);
      for (const resolve of waiting.values()) resolve({ ended: end, errors });
      resolve(end);
    });
  });
  ended.catch(() => {});
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  // It may be killed while it is told something.
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { number, event, ...answer } = JSON.parse(line);
    if (event) awaited(events, event).resolve();
    waiting.get(number)?.(answer);
    waiting.delete(number);
  });

  return {
    pid: /** @type {number} */ (child.pid),
    ended,
    kill: () => void child.kill("SIGKILL"),
    stops: Promise.race([awaited(events, "stops").promise, ended]),
    proceed: () => void child.kill("SIGCONT"),
    ready: Promise.race([awaited(events, "ready").promise, ended]),
    prompted: (who) => awaited(events, `prompted ${who}`).promise,
    ask(errand) {
      if (end !== undefined) return Promise.resolve({ ended: end, errors });
      number += 1;
      child.stdin.write(`${JSON.stringify({ number, ...errand })}\n`);
      return new Promise((resolve) => {
        waiting.set(number, resolve);
      });
    },
    async end() {
      child.stdin.end();
      const how = await ended;
      if (how !== 0) throw new Error(`the program ended with ${how}:\n${errors}`);
    },
  };
}

function awaited(events, name) {
  if (!events.has(name)) {
    let resolve;
    const promise = new Promise((done) => {
      resolve = done;
    });
    events.set(name, { promise, resolve });
  }
  return events.get(name);
}
