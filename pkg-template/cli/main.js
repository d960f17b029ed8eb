/** From the arguments to the exit status. What a command answers goes to stdout, all else to stderr. */

import process from "node:process";
import { parseArguments, UsageError } from "./arguments.js";
import { COMMANDS } from "./commands.js";
import { describe } from "./failure.js";
import { HELP, version } from "./help.js";
import { EXIT } from "./status.js";
import { createTerminal } from "./terminal.js";

const NAME = "entra-device-code";

/** @param {string[]} args without the program's own name */
export async function main(args) {
  const terminal = createTerminal(process.stderr, process.env);
  const interrupt = new AbortController();
  process.on("SIGINT", () => {
    interrupt.abort(new Error("interrupted"));
    terminal.finish("Interrupted.");
    // At once: a request in flight is cut off with the process.
    process.exit(EXIT.interrupted);
  });
  process.exitCode = await run(args, createContext(terminal, interrupt.signal));
}

/** @returns {import("./commands.js").Context} */
function createContext(terminal, signal) {
  const warnings = new Set();
  const warn = (line) => {
    // A command may use several credentials, each of which meets the same.
    if (!warnings.has(line)) terminal.print(`${NAME}: warning: ${line}`);
    warnings.add(line);
  };
  return { terminal, signal, warn, warnings };
}

async function run(args, context) {
  const { terminal } = context;
  try {
    const answer = await answerTo(parseArguments(args), context);
    terminal.finish();
    if (answer !== undefined) await print(answer);
    return EXIT.ok;
  } catch (error) {
    const { status, lines } = describe(error);
    terminal.finish(`${NAME}: ${lines[0]}`, ...lines.slice(1));
    return status;
  }
}

/** @returns {Promise<string | undefined>} what goes to stdout */
async function answerTo({ help, version: wantsVersion, command, options }, context) {
  if (help) return HELP;
  if (wantsVersion) return version();
  if (command === undefined) throw new UsageError("no command is given");
  return COMMANDS[command].run(options, context);
}

/** Resolves when the text has left the process; rejects if nobody reads it. */
function print(text) {
  return new Promise((resolve, reject) => {
    const fail = ({ message }) => reject(new Error(`The answer could not be written: ${message}`));
    // Both: a write that fails also emits, and an error that nobody listens for ends the process with a stack trace.
    process.stdout.on("error", fail);
    process.stdout.write(`${text}\n`, (error) => (error ? fail(error) : resolve()));
  });
}
