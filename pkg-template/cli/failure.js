import { AuthenticationError } from "entra-device-code";
import { UsageError } from "./arguments.js";
import { inFlags } from "./flags.js";
import { EXIT } from "./status.js";

const WITHOUT_KEYRING =
  "install @napi-rs/keyring beside this program and unlock the keyring, or have a plain file with --allow-unencrypted-storage";

/** Nobody may be asked to sign in, and somebody would have to. Its cause says why. */
export class SignInRequired extends Error {
  /** @param {import("entra-device-code").AuthenticationRequiredError} cause */
  constructor(cause) {
    const login =
      "run the command login with the same options, --scope too, where a person sees it";
    super(`somebody must sign in first: ${login}`, { cause });
    this.hint = cause.hint;
  }
}

/** Whoever runs a program gives it no `fetch`. */
const PROXY = "name it in HTTPS_PROXY, and on Node, from 24 on, set NODE_USE_ENV_PROXY=1";

/**
 * What to tell the user about an error: never a stack trace.
 *
 * @param {unknown} error
 * @returns {{status: number, lines: string[]}}
 */
export function describe(error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof UsageError) return usage(`${message} (--help lists the options)`);
  // The package refuses a wrong option or argument with its name in backquotes, before anything is sent.
  if (error instanceof TypeError && /^`[\w.]+`/.test(message)) return usage(inFlags(message));
  if (error instanceof SignInRequired) {
    const hint = error.hint ? [`Hint: ${error.hint}`] : [];
    return { status: EXIT.mustSignIn, lines: [message, ...hint] };
  }
  if (name === "CredentialUnavailableError") return unavailable(message);
  const lines = [inFlags(message)];
  const cause = causeOf(error);
  if (cause && !message.includes(cause)) lines.push(`Cause: ${cause}`);
  const hint = error instanceof AuthenticationError ? error.hint : undefined;
  if (hint && !message.includes(hint)) {
    lines.push(`Hint: ${hint.replace("give a fetch that uses it", PROXY)}`);
  }
  return { status: EXIT.failed, lines };
}

/**
 * It could not begin.
 *
 * @param {string} message
 */
function unavailable(message) {
  // Where a cloud has no default scope, one must be given.
  if (message.includes("`scopes`")) return usage(inFlags(message));
  // What a program could do about it, the last sentence says. Here it is in flags.
  const [, why] = message.match(/^(.*)\. [^.]*`allowUnencryptedStorage\b/s) ?? [];
  const lines = why ? [`${inFlags(why)}.`, `Hint: ${WITHOUT_KEYRING}.`] : [inFlags(message)];
  return { status: EXIT.failed, lines };
}

/** @param {string} line */
function usage(line) {
  return { status: EXIT.usage, lines: [line] };
}

/**
 * `fetch` says no more than that it failed; why it did is at the end of its chain of causes.
 *
 * @param {unknown} error
 * @returns {string | undefined}
 */
function causeOf(error) {
  /** @type {any} */
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause?.cause !== undefined) cause = cause.cause;
  return cause?.message || cause?.code;
}
