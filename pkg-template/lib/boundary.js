// What Rust calls of this package's JavaScript.
export { createError, isUnavailable } from "./errors.js";
export {
  Alarm,
  clearTimer,
  forgetController,
  Listening,
  Loan,
  noteController,
  Pending,
  startTimer,
} from "./life.js";
export { environment, hostFetch, platform } from "./platform.js";
export { createRecord } from "./record.js";
export { readReply } from "./reply.js";
export { openStore } from "./store.js";
export { discreetError, discreetText, repeatsSecrets } from "./stores/discretion.js";

/**
 * An `AccessToken`, made at once: to set its members one by one from Rust takes longer.
 *
 * @param {string} token
 * @param {number} expiresOnTimestamp
 * @param {number} [refreshAfterTimestamp]
 */
export function createAccessToken(token, expiresOnTimestamp, refreshAfterTimestamp) {
  /** @type {import("../index.js").AccessToken} */
  const accessToken = { token, expiresOnTimestamp, tokenType: "Bearer" };
  if (refreshAfterTimestamp !== undefined) {
    accessToken.refreshAfterTimestamp = refreshAfterTimestamp;
  }
  return accessToken;
}

/**
 * What `fetch` is given beside the address, made at once as well. Redirects are never followed.
 *
 * @param {string} method
 * @param {string} headers names and values by turns, a line each
 * @param {string | undefined} body
 * @param {AbortSignal} signal
 */
export function createInit(method, headers, body, signal) {
  const lines = headers.split("\n");
  /** @type {Record<string, string>} */
  const fields = {};
  for (let at = 1; at < lines.length; at += 2) fields[lines[at - 1]] = lines[at];
  /** @type {RequestInit} */
  const init = { method, headers: fields, redirect: "manual", signal };
  if (body !== undefined) init.body = body;
  return init;
}

/**
 * How the executor of wasm-bindgen-futures, which has one queue for all, schedules a turn of it. Not by `queueMicrotask`: a
 * test framework may put a fake in its place, and a turn that is lost would stop the queue for good.
 *
 * @param {() => void} turn
 */
export function schedule(turn) {
  Promise.resolve().then(turn);
}
