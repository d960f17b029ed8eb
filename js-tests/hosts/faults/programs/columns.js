/** The requests that may meet a fault: what leads to each, and how to know it. */

const form = (init, text) => String(init?.body ?? "").includes(text);
const isPoll = (_, init) => form(init, "device_code=");
const isRefresh = (_, init) => form(init, "grant_type=refresh_token");

const KNOWN = "https://login.microsoftonline.com";
const UNKNOWN = "https://login.contoso.example";

/**
 * @typedef {object} Column
 * @property {"asked" | "polled" | "renewed"} manner how the specification has it sent: with retries, as a poll, or once,
 *   since a token that lives waits for it
 * @property {(url: string, init: RequestInit) => boolean} is whether a request is of this kind
 * @property {string} authority
 * @property {number} [healthy] how many of this kind are answered as they should before the fault comes
 * @property {object} [first] what the first token is like, when the second call is the one looked at
 * @property {number} [later] how long after the first call that is, in milliseconds
 */

/** @type {Record<string, Column>} */
export const COLUMNS = {
  instance: { manner: "asked", authority: UNKNOWN, is: (url) => url.includes("/instance?") },
  metadata: {
    manner: "asked",
    authority: UNKNOWN,
    is: (url) => url.endsWith("/openid-configuration"),
  },
  "device code": { manner: "asked", authority: KNOWN, is: (url) => url.endsWith("/devicecode") },
  "first poll": { manner: "polled", authority: KNOWN, is: isPoll },
  "later poll": { manner: "polled", authority: KNOWN, is: isPoll, healthy: 2 },
  // Past its `refresh_on`, with an hour to live.
  "refresh, aging": {
    manner: "renewed",
    authority: KNOWN,
    is: isRefresh,
    first: { expires_in: 3600, refresh_in: 1 },
    later: 2000,
  },
  // Not good for 5 minutes any more.
  "refresh, short": {
    manner: "renewed",
    authority: KNOWN,
    is: isRefresh,
    first: { expires_in: 250 },
  },
  "refresh, dead": {
    manner: "asked",
    authority: KNOWN,
    is: isRefresh,
    first: { expires_in: 1 },
    later: 2000,
  },
};
