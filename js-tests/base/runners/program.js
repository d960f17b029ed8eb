/** Runs the suite as a program of some runtime, and judges its end. */

import { spawn } from "node:child_process";

const LONGEST = 10 * 60 * 1000;
const CLOSING_LINE = /^\d+ passed, \d+ failed.*$/gm;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {object} options
 * @param {string} options.cwd
 * @param {Record<string, string>} options.env
 * @returns {Promise<boolean>} whether every case passed
 */
export async function runProgram(command, args, { cwd, env }) {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST);
  const stop = () => child.kill("SIGKILL");
  // The runner lives on, to clean up after itself.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    process.stdout.write(text);
  });
  try {
    const [code, signal] = await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (...end) => resolve(end));
    });
    if (signal) console.log(`not ok - ${command} was ended by ${signal}`);
    // A runtime that ends early, and content, must not pass for a suite that passed.
    const closed = output.match(CLOSING_LINE) !== null;
    if (code === 0 && !closed) console.log(`not ok - ${command} ended before the suite did`);
    return code === 0 && closed;
  } finally {
    clearTimeout(timer);
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, stop);
  }
}
