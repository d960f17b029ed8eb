/** What most cases begin with: a home where two people have signed in, and what a program does with its files. */

import { readFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { deepEqual, match } from "../../base/harness/assert.js";
import { ADA, BOB, createHome } from "./homes.js";

/** What came of an errand that got a token. */
export function isToken(outcome) {
  match(outcome.token, /^access token/, JSON.stringify(outcome));
  return outcome;
}

/** The same, and it was kept. */
export function isKept(outcome) {
  deepEqual(isToken(outcome).warnings, []);
  return outcome;
}

/**
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["start"]} place.start
 * @param {string} place.root
 * @param {object} persistence
 * @param {object} [settings] for how the program is started
 * @returns {Promise<{home: import("./homes.js").Home, tokens: Record<string, string>}>}
 */
export async function signBothIn({ start, root }, persistence, settings) {
  const home = await createHome(root);
  const program = start({ home: home.path, ...settings });
  const [ada, bob] = await Promise.all(
    [ADA, BOB].map((each) => program.ask({ ...each, persistence })),
  );
  await program.end();
  return { home, tokens: { ada: isKept(ada).token, bob: isKept(bob).token } };
}

/**
 * The names of the functions by which a program uses the caches' files when it does an errand, in their order.
 *
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["once"]} place.once
 * @param {import("./homes.js").Home} home which changes
 * @param {object} errand
 * @param {object} [settings] for how the program is started
 */
export async function callsOf({ once }, home, errand, settings) {
  const trace = join(home.path, "trace");
  isToken(await once({ home: home.path, disk: { trace }, ...settings }, errand));
  return (await readFile(trace, "utf8")).trim().split("\n");
}

/** How many programs wait for each processor, on a machine on which what should be done in time isn't; and how often to try there. */
const TOO_MANY = 6;
const TRIES = 3;

/**
 * Does something again that failed on a machine that has far too much to do. The store gives up after 15 s, and Python after 5: then
 * it says nothing of the package that a token was not kept.
 *
 * @template T
 * @param {() => Promise<T>} act
 */
export async function inPeace(act) {
  for (let tries = 1; ; tries++) {
    try {
      return await act();
    } catch (error) {
      const isTooBusy = loadavg()[0] > TOO_MANY * availableParallelism();
      if (tries === TRIES || !isTooBusy) throw error;
    }
  }
}

/**
 * Does something for each, so many at a time.
 *
 * @template T
 * @param {number} count
 * @param {Iterable<T>} all
 * @param {(each: T) => Promise<void>} act
 */
export async function sideBySide(count, all, act) {
  const queue = [...all].values();
  const visit = async () => {
    for (const each of queue) await inPeace(() => act(each));
  };
  await Promise.all(Array.from({ length: count }, visit));
}
