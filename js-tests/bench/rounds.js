// Rounds in turn: A B C A B C …, so that whatever befalls the machine meanwhile befalls all of them.

/**
 * Who fails once takes no further part, and has `failed` in place of figures: that is a result too.
 *
 * @param {{rounds: number, warmUp?: number}} how rounds that count, after some that don't
 * @param {Record<string, (round: number) => Promise<number>>} contestants
 * @returns {Promise<Record<string, Summary | {failed: string}>>}
 */
export async function inTurns({ rounds, warmUp = 1 }, contestants) {
  const values = Object.fromEntries(Object.keys(contestants).map((who) => [who, []]));
  const failures = {};
  for (let round = -warmUp; round < rounds; round++) {
    for (const [who, measure] of Object.entries(contestants)) {
      if (failures[who]) continue;
      try {
        const value = await measure(round);
        if (!Number.isFinite(value)) throw new Error(`${who} measured ${value}`);
        if (round >= 0) values[who].push(value);
      } catch (error) {
        failures[who] = { failed: error.message };
      }
    }
  }
  const resultOf = ([who, all]) => [who, failures[who] ?? summarize(all)];
  return Object.fromEntries(Object.entries(values).map(resultOf));
}

/** Why a preparation failed, for the rounds to say. */
export function failureOf(preparation) {
  return preparation.then(
    () => undefined,
    (error) => error,
  );
}

/** @typedef {{median: number, low: number, high: number, rounds: number}} Summary with the quartiles as its spread */

/** @param {number[]} values */
export function summarize(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => {
    const place = (sorted.length - 1) * share;
    const below = Math.floor(place);
    const above = Math.ceil(place);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75), rounds: sorted.length };
}

/** Of what comes out the same each time. @returns {Summary} */
export function exactly(value) {
  return { median: value, low: value, high: value, rounds: 1 };
}
