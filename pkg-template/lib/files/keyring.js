// The keys that caches are encrypted with, in the system's keyring: macOS's Keychain, Windows' Credential Manager, or Linux's
// Secret Service. They are reached through a module that programs install if they want it.
import { Buffer } from "node:buffer";
import process from "node:process";
import { environment, isGranted } from "../platform.js";
import { stateOfDefaultKeyring } from "./secret-service.js";

/** Put together at run time, lest bundlers look for what need not be there. */
const MODULE = ["@napi-rs", "keyring"].join("/");
const SERVICE = "entra-device-code";
const KEY_LENGTH = 32;
/** How long to wait for the keyring, in milliseconds. It may have the user unlock it. */
const PATIENCE = 5000;

/**
 * @import { AsyncEntry, LinuxStore } from "@napi-rs/keyring"
 * @typedef {typeof import("@napi-rs/keyring") & {LinuxStore?: {SecretService: LinuxStore}}} KeyringModule
 */

/** Why there are no keys to be had. */
export class KeyringError extends Error {}

/**
 * The key of a cache: 32 bytes, or nothing if none has been made.
 *
 * @param {string} cache
 */
export async function readKey(cache) {
  const stored = await ask(cache, (entry) => entry.getPassword());
  if (typeof stored !== "string") return undefined;
  const key = Buffer.from(stored, "base64");
  if (key.length !== KEY_LENGTH) {
    throw new KeyringError(`what the keyring holds for "${SERVICE}", "${cache}" is no key`);
  }
  return new Uint8Array(key);
}

/**
 * Makes the key of a cache. Only who holds the cache's lock may: two who do it at once would have two keys.
 *
 * @param {string} cache
 */
export async function makeKey(cache) {
  const present = await readKey(cache);
  if (present) return present;
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(KEY_LENGTH))).toString("base64");
  await ask(cache, (entry) => entry.setPassword(key));
  const kept = await readKey(cache);
  if (!kept) throw new KeyringError("the keyring does not keep what it is given");
  return kept;
}

/**
 * The latest question, for the next one to wait for.
 *
 * @type {Promise<unknown>}
 */
let latest = Promise.resolve();
/**
 * What to say if one was not answered in time.
 *
 * @type {string | undefined}
 */
let unanswered;

/**
 * Asks the keyring, one question at a time: each that waits for an answer occupies one of the few threads that Node has for
 * files too.
 *
 * @template Answer
 * @param {string} cache
 * @param {(entry: AsyncEntry) => Promise<Answer>} question
 */
function ask(cache, question) {
  const answer = latest.then(async () => {
    if (unanswered) throw new KeyringError(unanswered);
    const entry = await openEntry(cache);
    return inTime(question(entry));
  });
  latest = answer.catch(() => {});
  return answer.catch((cause) => {
    if (cause instanceof KeyringError) throw cause;
    throw new KeyringError(`the keyring can't be used: ${cause.message}`, { cause });
  });
}

/**
 * @template Answer
 * @param {Promise<Answer>} answer
 * @returns {Promise<Answer>}
 */
async function inTime(answer) {
  /** @type {NodeJS.Timeout} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      unanswered = "the keyring does not answer; perhaps it waits for you to unlock it";
      reject(new KeyringError(unanswered));
    }, PATIENCE);
  });
  const settled = () => {
    clearTimeout(timer);
    unanswered = undefined;
  };
  answer.then(settled, settled);
  return Promise.race([answer, late]);
}

/** @param {string} cache */
async function openEntry(cache) {
  const { AsyncEntry, LinuxStore } = await importModule();
  if (process.platform !== "linux") return new AsyncEntry(SERVICE, cache);
  // Left to itself, it would fall back to a keyring that is gone with the next boot; older versions can't be told not to.
  if (!LinuxStore) throw new KeyringError(`\`${MODULE}\` is too old: 2.1 is needed`);
  const state = await stateOfDefaultKeyring();
  if (state === "missing") throw new KeyringError("there is no default keyring: create one");
  // Where there is a display, it asks for the password there. Elsewhere nobody would see that.
  const display = environment("DISPLAY") || environment("WAYLAND_DISPLAY");
  if (state === "locked" && !display) throw new KeyringError("the keyring is locked: unlock it");
  return new AsyncEntry(SERVICE, cache, { linux: { store: LinuxStore.SecretService } });
}

/** @returns {Promise<KeyringModule>} */
async function importModule() {
  // Deno would ask the user, for something that need not be.
  const missing = ["ffi", "read", "env", "sys"].filter((name) => !isGranted(name));
  if (missing.length > 0) {
    throw new KeyringError(`using the keyring needs the permissions ${missing.join(", ")}`);
  }
  try {
    const module = await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ MODULE
    );
    return module.default ?? module;
  } catch (cause) {
    const { code = "", message } = /** @type {NodeJS.ErrnoException} */ (cause);
    const absent = ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"].includes(code);
    const why = absent ? "is not installed" : `can't be loaded: ${message}`;
    throw new KeyringError(`\`${MODULE}\` ${why}`, { cause });
  }
}
