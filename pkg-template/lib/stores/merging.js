// What an item is to hold, whatever it holds now.

/** What an item holds can't be opened with the key we have. */
export class UnreadableError extends Error {}

/** Whoever can write there could have put it there, so it is not believed. */
export const UNSEALED =
  "it is not encrypted: to take it over, give `allowUnencryptedStorage: true` beside the `encryptionKey`";

/**
 * Where the content of an item is kept that can't be read: one copy, the latest.
 *
 * @param {string} item
 */
export function asideOf(item) {
  return `${item}.unreadable`;
}

/**
 * What an item is to hold: `text`, or nothing if it does already. If what `open` gives is no cache, or can't be opened, `text` is
 * made from nothing, and `unreadable` says why: what is there is to be set aside.
 *
 * @param {() => string | Promise<string>} open
 * @param {Pick<import("./types.js").Changes, "merge">} changes
 * @param {string} [account]
 * @returns {Promise<{text?: string, unreadable?: string}>}
 */
export async function mergeInto(open, changes, account) {
  try {
    return { text: changes.merge(await open(), account) };
  } catch (why) {
    const unreadable = why instanceof UnreadableError ? why.message : why;
    // The core throws a string if the text is no cache.
    if (typeof unreadable !== "string") throw why;
    return { text: changes.merge("", account), unreadable };
  }
}
