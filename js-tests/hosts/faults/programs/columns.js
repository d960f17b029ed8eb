/** The requests that may meet a fault: what leads to each, and how to know it. */

const form = (init, text) => String(init?.body ?? "").includes(text);
const isPoll = (_, init) => form(init, "device_code=");
const isRefresh = (_, init) => form(init, "grant_type=refresh_token");

const isInstance = (url) => url.includes("/instance?");
const isMetadata = (url) => url.endsWith("/openid-configuration");

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
 * @property {boolean} [isAnother] the second call is another credential's, which shares the first one's store and no more
 * @property {number} [later] how long after the first call that is, in milliseconds
 */

/** Past its `refresh_on`, with an hour to live. */
const AGING = { first: { expires_in: 3600, refresh_in: 1 }, later: 2000 };

/** @type {Record<string, Column>} */
export const COLUMNS = {
  instance: { manner: "asked", authority: UNKNOWN, is: isInstance },
  metadata: { manner: "asked", authority: UNKNOWN, is: isMetadata },
  "device code": { manner: "asked", authority: KNOWN, is: (url) => url.endsWith("/devicecode") },
  "first poll": { manner: "polled", authority: KNOWN, is: isPoll },
  "later poll": { manner: "polled", authority: KNOWN, is: isPoll, healthy: 2 },
  "refresh, aging": { manner: "renewed", authority: KNOWN, is: isRefresh, ...AGING },
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
  // The endpoints must be found before a token that is in the store can be renewed.
  "instance, aging": {
    manner: "renewed",
    authority: UNKNOWN,
    is: isInstance,
    ...AGING,
    isAnother: true,
  },
  "metadata, aging": {
    manner: "renewed",
    authority: UNKNOWN,
    is: isMetadata,
    ...AGING,
    isAnother: true,
  },
};
