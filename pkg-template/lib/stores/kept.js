// Writing where there is no lock between processes: write, look whether it was kept, and if not, write again.
import { inTurn } from "./turns.js";

/** How often to write at most. */
const ROUNDS = 8;
/**
 * Somebody who read before we wrote will write soon after we did. They take about as long as we took from reading to
 * writing; this is how many times that we wait.
 */
const CAUTION = 4;
/** How long to wait at least, and at most, in milliseconds. */
const SHORTEST = 100;
const LONGEST = 1000;

/**
 * Repeats `change` until nobody overwrites what it wrote. It reads, writes what is missing, and resolves to what it read; to
 * `undefined` if it wrote nothing. It is told what was there before it last wrote: if that is there again, the place does not
 * show what is written to it, now or at all, and there is no use in writing it again.
 *
 * @param {object} place
 * @param {string} slot
 * @param {(before: string | undefined) => Promise<string | undefined>} change
 */
export async function untilKept(place, slot, change) {
  /** @type {string | undefined} */
  let before;
  for (let round = 0; round < ROUNDS; round++) {
    let took = 0;
    before = await inTurn(place, slot, async () => {
      const began = performance.now();
      const read = await change(before);
      took = performance.now() - began;
      return read;
    });
    if (before === undefined) return;
    await pause(Math.min(Math.max(SHORTEST, CAUTION * took), LONGEST));
  }
  throw new Error("others overwrite it again and again");
}

/**
 * That long, or up to twice as long: two who wait should not write at the same moment again.
 *
 * @param {number} duration
 */
function pause(duration) {
  return new Promise((resolve) => {
    setTimeout(resolve, duration * (1 + Math.random()));
  });
}
