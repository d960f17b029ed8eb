// The text of a cache, as storages give it.

/**
 * The text that a storage or plugin gave for an item; an empty one if there is none.
 *
 * @param {unknown} value
 * @param {string} item
 */
export function asText(value, item) {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  // Some, such as unstorage, parse what looks like JSON.
  if (/^\[object (?:Object|Array|Number|Boolean)]$/.test(Object.prototype.toString.call(value))) {
    return JSON.stringify(value);
  }
  // Anything else would look like an empty object, and be overwritten.
  throw new Error(`${item} is no text`);
}
