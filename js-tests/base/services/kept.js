/** A program that a test starts and that does not outlive it: see keeper.js. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const KEEPER = fileURLToPath(new URL("keeper.js", import.meta.url));

/** How long a program may take until it is of use. */
const PATIENCE = 30_000;

/**
 * @typedef {object} Kept
 * @property {(pattern: RegExp) => Promise<void>} printed resolves when the output is like that
 * @property {() => string} output
 * @property {() => boolean} running
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.argv0] by what name the program knows itself
 * @param {Record<string, string | undefined>} [options.env]
 * @param {string} [options.input] what it reads
 * @param {string} [options.folder] what goes when it does
 * @returns {Kept}
 */
export function keep(command, args, { argv0 = command, env, input = "", folder = "" } = {}) {
  const child = spawn(process.execPath, [KEEPER, folder, argv0, command, ...args], {
    env,
    // A session of its own: an interrupt from the keyboard is for the test, which then lets go.
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const [stdin, , , lifeline] = /** @type {any[]} */ (child.stdio);
  let output = "";
  let running = true;
  const listeners = new Set();
  const look = () => {
    for (const listener of listeners) listener();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
      look();
    });
  }
  const ended = new Promise((resolve) => {
    const end = () => {
      running = false;
      look();
      resolve(undefined);
    };
    child.once("close", end).once("error", end);
  });
  // It may be gone before it has read everything.
  for (const stream of [stdin, lifeline]) stream.on("error", () => {});
  stdin.end(input);

  return {
    output: () => output,
    running: () => running,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const done = (settle) => {
          clearTimeout(timer);
          listeners.delete(listener);
          settle();
        };
        const fail = (what) => done(() => reject(new Error(`${command} ${what}:\n${output}`)));
        const timer = setTimeout(() => fail("is not ready"), PATIENCE);
        const listener = () => {
          if (pattern.test(output)) done(resolve);
          else if (!running) fail("ended");
        };
        listeners.add(listener);
        listener();
      }),
    async stop() {
      lifeline.destroy();
      await ended;
    },
  };
}
