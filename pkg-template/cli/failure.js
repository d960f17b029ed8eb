import { UsageError } from "./arguments.js";
import { FLAG_OF } from "./credential.js";
import { EXIT } from "./status.js";

/**
 * What to tell the user about an error: never a stack trace.
 *
 * @param {unknown} error
 * @returns {{status: number, lines: string[]}}
 */
export function describe(error) {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) return usage(`${message} (--help lists the options)`);
  // The package refuses a wrong option or argument with its name in backquotes, before anything is sent.
  if (error instanceof TypeError && /^`\w+`/.test(message)) return usage(inFlags(message));
  // It could not begin: where a cloud has no default scope, one must be given.
  if (error?.name === "CredentialUnavailableError") return usage(inFlags(message));
  const lines = [inFlags(message)];
  const cause = causeOf(error);
  if (cause && !message.includes(cause)) lines.push(`Cause: ${cause}`);
  if (error?.hint && !message.includes(error.hint)) lines.push(`Hint: ${error.hint}`);
  return { status: EXIT.failed, lines };
}

function usage(line) {
  return { status: EXIT.usage, lines: [line] };
}

/** The package's options, as it names them in a message, are flags here. */
function inFlags(message) {
  return message.replaceAll(/`(\w+)(?:: true)?`/g, (_, name) => FLAG_OF[name] ?? name);
}

/** `fetch` says no more than that it failed; why it did is at the end of its chain of causes. */
function causeOf(error) {
  let cause = error?.cause;
  while (cause?.cause !== undefined) cause = cause.cause;
  return cause?.message || cause?.code;
}
