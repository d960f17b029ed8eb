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
 * How many bytes a reader has read, of whatever kind and realm they are; nothing at the end.
 *
 * @param {ReadableStreamReadResult<unknown>} read
 */
export function sizeOf({ done, value }) {
  if (done) return undefined;
  if (!ArrayBuffer.isView(value)) throw new Error("the reply's body gave no bytes");
  return value.byteLength;
}

/**
 * Copies what a reader has read into the memory of Rust.
 *
 * @param {ReadableStreamReadResult<ArrayBufferView>} read
 * @param {Uint8Array} place
 */
export function copyBytes({ value }, place) {
  if (value) place.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
}

/**
 * The text of bytes in UTF-8, without a byte order mark; as `Response.text()` has it.
 *
 * @param {Uint8Array} bytes
 */
export function decode(bytes) {
  return new TextDecoder().decode(bytes);
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
