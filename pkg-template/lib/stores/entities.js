// A cache as msal-common holds it in memory, for plugins that look which account it is about.

/** @typedef {Record<string, unknown>} Row with its columns, in snake case */

/**
 * The rows of a serialized cache under their keys, with fields in camel case. Once the cache has changed, its accounts are
 * those whose rows did, even those that are gone: MSAL's `DistributedCachePlugin` takes the first for the one whose partition
 * is to be written.
 *
 * @param {string} text
 * @param {string} [before]
 */
export function entitiesOf(text, before = text) {
  const earlier = rowsOf(before);
  const rows = rowsOf(text);
  const changed = new Set();
  for (const [one, other] of [
    [rows, earlier],
    [earlier, rows],
  ]) {
    for (const [key, row] of one) {
      if (JSON.stringify(row) !== JSON.stringify(other.get(key))) changed.add(row.home_account_id);
    }
  }
  changed.delete(undefined);
  const isShown = (/** @type {[string, Row]} */ [, row]) =>
    !isAccount(row) || changed.size === 0 || changed.has(row.home_account_id);
  const gone = [...earlier].filter(([key, row]) => isAccount(row) && !rows.has(key));
  const shown = [...rows].filter(isShown).concat(gone);
  return Object.fromEntries(shown.map(([key, row]) => [key, inCamelCase(row)]));
}

/**
 * @param {string} text
 * @returns {Map<string, Row>}
 */
function rowsOf(text) {
  /** @type {Record<string, Record<string, Row> | null>} */
  const tables = text ? JSON.parse(text) : {};
  const rows = Object.values(tables).flatMap((table) => Object.entries(table ?? {}));
  return new Map(rows.filter(([, row]) => typeof row === "object" && row !== null));
}

/**
 * Tokens have neither column.
 *
 * @param {Row} row
 */
function isAccount({ local_account_id, username }) {
  return local_account_id !== undefined && username !== undefined;
}

/** @param {Row} row */
function inCamelCase(row) {
  const name = (/** @type {string} */ column) =>
    column.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [name(column), value]));
}
