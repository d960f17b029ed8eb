/** Stores that are out of order: whoever asks gets a token all the same, and the log says what is wrong. */

import { equal, match, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { arrange } from "./arrange.js";

/** How long a store that hangs may hold up each of what a sign-in asks of it, in milliseconds. */
const HELD_UP = 20_000;

/**
 * @param {object} place
 * @param {import("./launch.js").Launch} place.launch
 */
export function addFaulty({ launch }) {
  for (const partitioned of [true, false]) {
    const layout = partitioned ? "an item for each account" : "one item for all";
    test(`faulty: a store that rejects, throws or forgets, ${layout}`, async (t) => {
      const { signIn } = await arrange(t, { layout: { partitioned } });
      const faults = ["rejects", "throws", "forgets"];
      const outcomes = await launch("node", "faulty.js", { ...signIn, faults });
      equal(Object.keys(outcomes).length, 5);
      for (const [fault, { error, token, warnings, took }] of Object.entries(outcomes)) {
        ok(token, `${fault}: ${error}`);
        ok(took < 10_000, `${fault}: ${took} ms`);
        if (fault !== "forgets") match(warnings.join("\n"), /the store is out of order/, fault);
      }
    });

    test(`faulty: a store that returns garbage, ${layout}`, async (t) => {
      const { signIn } = await arrange(t, { layout: { partitioned } });
      const outcomes = await launch("node", "faulty.js", { ...signIn, faults: ["holds"] });
      equal(Object.keys(outcomes).length, 7);
      for (const [fault, { error, token, warnings, took }] of Object.entries(outcomes)) {
        ok(token, `${fault}: ${error}`);
        ok(took < 10_000, `${fault}: ${took} ms`);
        ok(warnings.length > 0, `${fault}: nothing was logged`);
      }
    });
  }

  test("faulty: a store that hangs", { timeout: 3 * HELD_UP }, async (t) => {
    const { signIn } = await arrange(t);
    const outcomes = await launch("node", "faulty.js", { ...signIn, faults: ["hangs"] });
    equal(Object.keys(outcomes).length, 2);
    for (const [fault, { error, token, warnings, took }] of Object.entries(outcomes)) {
      ok(token, `${fault}: ${error}`);
      ok(took < 2 * HELD_UP, `${fault}: ${took} ms`);
      ok(warnings.length > 0, `${fault}: nothing was logged`);
    }
  });
}
