/** From the arguments to the exit status. What a command answers goes to stdout, all else to stderr. */

import process from "node:process";
import { parseArguments, UsageError } from "./arguments.js";
import { perform } from "./commands.js";
import { describe } from "./failure.js";
import { help, version } from "./help.js";
import { EXIT } from "./status.js";
import { createTerminal } from "./terminal.js";
import { createWaiting } from "./waiting.js";

const NAME = "entra-device-code";

/** What ends the program, and what is said then. */
const SIGNALS = {
  SIGINT: { line: "Interrupted.", status: EXIT.interrupted },
  SIGTERM: { line: "Terminated.", status: EXIT.terminated },
  SIGHUP: { line: "Hung up.", status: EXIT.hungUp },
};

/** @param {string[]} args without the program's own name */
export async function main(args) {
  const terminal = createTerminal(process.stderr, process.env);
  const interrupt = new AbortController();
  for (const [signal, { line, status }] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      interrupt.abort(new Error("interrupted"));
      terminal.finish(line);
      // At once: a request in flight is cut off with the process.
      process.exit(status);
    });
  }
  process.exitCode = await run(args, createContext(terminal, interrupt.signal));
}

/**
 * @param {import("./terminal.js").Terminal} terminal
 * @param {AbortSignal} signal
 * @returns {import("./commands.js").Context}
 */
function createContext(terminal, signal) {
  const warnings = new Set();
  const warn = (/** @type {string} */ line) => {
    // A command may use several credentials, each of which meets the same.
    if (!warnings.has(line)) terminal.print(`${NAME}: warning: ${line}`);
    warnings.add(line);
  };
  return { terminal, waiting: createWaiting(terminal), signal, warn, warnings };
}

/**
 * @param {string[]} args
 * @param {import("./commands.js").Context} context
 */
async function run(args, context) {
  const { terminal, waiting } = context;
  try {
    const answer = await answerTo(parseArguments(args), context);
    waiting.end();
    terminal.finish();
    if (answer !== undefined) await print(answer);
    return EXIT.ok;
  } catch (error) {
    waiting.end();
    const { status, lines } = describe(error);
    terminal.finish(`${NAME}: ${lines[0]}`, ...lines.slice(1));
    return status;
  }
}

/**
 * @param {import("./arguments.js").CommandLine} commandLine
 * @param {import("./commands.js").Context} context
 * @returns {Promise<string | void>} what goes to stdout
 */
async function answerTo({ command, options, shell }, context) {
  if (options.help) return help();
  if (options.version) return version();
  if (command === undefined) throw new UsageError("no command is given");
  return perform({ command, options, shell }, context);
}

/**
 * Resolves when the text has left the process; rejects if nobody reads it.
 *
 * @param {string} text
 * @returns {Promise<void>}
 */
function print(text) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {Error} */ { message }) =>
      reject(new Error(`The answer could not be written: ${message}`));
    // Both: a write that fails also emits, and an error that nobody listens for ends the process with a stack trace.
    process.stdout.on("error", fail);
    process.stdout.write(`${text}\n`, (error) => (error ? fail(error) : resolve()));
  });
}
