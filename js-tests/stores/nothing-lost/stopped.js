/** A process that is stopped in a save for so long that others take its lock does no harm when it goes on, and loses nothing. */

import { readFile } from "node:fs/promises";
import { deepEqual, equal, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { callsOf, isKept, isToken, sideBySide, signBothIn } from "./arrange.js";
import { ADA, BOB, CACHE, createHome, MORE, opened, PROTECTIONS, peopleIn } from "./homes.js";

/** How many are stopped side by side: they do nothing but wait. */
const SIDE_BY_SIDE = 14;

/**
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["start"]} place.start
 * @param {ReturnType<typeof import("./launch.js").launcher>["once"]} place.once
 * @param {string} place.root
 */
export function addStopped(place) {
  const { start, once, root } = place;
  const persistence = PROTECTIONS.sealed;

  test("stopped: while it saves, and others save meanwhile", async () => {
    const { home: before } = await signBothIn(place, persistence);
    const bob = { ...BOB, persistence };
    const ada = { ...ADA, persistence };
    const calls = await callsOf(place, await createHome(root, { like: before }), {
      ...bob,
      ...MORE,
    });
    ok(calls.includes("rename"), `it saves: ${calls}`);

    await sideBySide(SIDE_BY_SIDE, calls.entries(), async ([n, name]) => {
      const home = await createHome(root, { like: before });
      const program = start({
        home: home.path,
        disk: { faults: [{ call: n + 1, does: "stops before" }] },
      });
      try {
        const asking = program.ask({ ...bob, ...MORE });
        await program.stops;
        const meanwhile = isKept(await once({ home: home.path }, { ...ada, ...MORE }));
        deepEqual(meanwhile.asked, ["refresh"]);
        program.proceed();
        const outcome = isKept(await asking);
        await program.end();

        deepEqual(await home.left(), [CACHE]);
        const text = await opened(await readFile(home.file, "utf8"), persistence);
        deepEqual(peopleIn(text), ["ada", "bob"]);
        const next = start({ home: home.path });
        for (const [errand, { token }] of [
          [ada, meanwhile],
          [bob, outcome],
        ]) {
          const found = isToken(await next.ask({ ...errand, ...MORE, silently: true }));
          equal(found.token, token, errand.who);
        }
        await next.end();
      } catch (error) {
        const { message } = /** @type {Error} */ (error);
        const how = `before call ${n + 1}, ${name}`;
        throw new Error(`${how}: ${message}; there is ${await home.left()}`, { cause: error });
      } finally {
        program.kill();
      }
    });
  });
}
