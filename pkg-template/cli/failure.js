import { UsageError } from "./arguments.js";
import { inFlags } from "./flags.js";
import { EXIT } from "./status.js";

const WITHOUT_KEYRING =
  "install @napi-rs/keyring beside this program and unlock the keyring, or have a plain file with --allow-unencrypted-storage";

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
  if (error instanceof TypeError && /^`[\w.]+`/.test(message)) return usage(inFlags(message));
  if (error?.name === "CredentialUnavailableError") return unavailable(message);
  const lines = [inFlags(message)];
  const cause = causeOf(error);
  if (cause && !message.includes(cause)) lines.push(`Cause: ${cause}`);
  if (error?.hint && !message.includes(error.hint)) lines.push(`Hint: ${error.hint}`);
  return { status: EXIT.failed, lines };
}

/** It could not begin. */
function unavailable(message) {
  // Where a cloud has no default scope, one must be given.
  if (message.includes("`scopes`")) return usage(inFlags(message));
  // What a program could do about it, the last sentence says. Here it is in flags.
  const [, why] = message.match(/^(.*)\. [^.]*`allowUnencryptedStorage\b/s) ?? [];
  const lines = why ? [`${inFlags(why)}.`, `Hint: ${WITHOUT_KEYRING}.`] : [inFlags(message)];
  return { status: EXIT.failed, lines };
}

function usage(line) {
  return { status: EXIT.usage, lines: [line] };
}

/** `fetch` says no more than that it failed; why it did is at the end of its chain of causes. */
function causeOf(error) {
  let cause = error?.cause;
  while (cause?.cause !== undefined) cause = cause.cause;
  return cause?.message || cause?.code;
}
