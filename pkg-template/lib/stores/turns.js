// Whoever uses the same place in this process, one after the other.

/**
 * The latest access to each slot of each place, for the next one to wait for.
 *
 * @type {WeakMap<object, Map<string, Promise<void>>>}
 */
const accesses = new WeakMap();
/** How long to wait for an access before ours, in milliseconds: it may belong to a request that is gone. */
const PATIENCE = 3000;

/**
 * Lets credentials that share a place use it one after the other: between reading and writing, nobody else writes.
 * Between processes, that is the place's business.
 *
 * @template Result
 * @param {object} place
 * @param {string} slot
 * @param {() => Promise<Result>} access
 */
export async function inTurn(place, slot, access) {
  const latest = accesses.get(place) ?? new Map();
  accesses.set(place, latest);
  const previous = latest.get(slot);
  let release = () => {};
  /** @type {Promise<void>} */
  const ours = new Promise((resolve) => {
    release = resolve;
  });
  latest.set(slot, ours);
  try {
    await settled(previous);
    return await access();
  } finally {
    release();
    if (latest.get(slot) === ours) latest.delete(slot);
  }
}

/**
 * @param {Promise<void>} [previous]
 * @returns {Promise<void>}
 */
function settled(previous) {
  return new Promise((resolve) => {
    if (!previous) return resolve();
    const timer = setTimeout(resolve, PATIENCE);
    previous.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
