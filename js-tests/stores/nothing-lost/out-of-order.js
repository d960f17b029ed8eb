/** A store that hangs or fails, wherever it does: a token all the same, a warning each time; and it goes on when the store does. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { deepEqual, match, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { callsOf, isKept, isToken, sideBySide, signBothIn } from "./arrange.js";
import { ADA, BOB, CACHE, createHome, MORE, PLAIN, peopleIn, peopleOf } from "./homes.js";

/** What the store may take to read, and to write; and for how long a lock is anybody's, in milliseconds. */
const PATIENCE = 15_000;
const LOCKED = 6000;
/** All that is asked of storages, whose items hold an account or all of them, and of plugins. */
const METHODS = [
  { kind: "storage", method: "getItem", partitioned: true },
  { kind: "storage", method: "setItem", partitioned: true },
  { kind: "storage", method: "getItem", partitioned: false },
  { kind: "storage", method: "setItem", partitioned: false },
  { kind: "plugin", method: "beforeCacheAccess" },
  { kind: "plugin", method: "afterCacheAccess" },
];
/** What else it may take, on a machine that is busy. */
const SPARE = 5000;

/**
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["start"]} place.start
 * @param {ReturnType<typeof import("./launch.js").launcher>["once"]} place.once
 * @param {string} place.root
 */
export function addOutOfOrder(place) {
  const { start, once, root } = place;

  test("out of order: the disk hangs, at one thing that the store does with it", async () => {
    const { before, calls } = await arrange();
    // All of them at once: they do nothing but wait.
    await sideBySide(calls.length, calls.entries(), async ([n, name]) => {
      const outcome = await goOn(before, { call: n + 1, name, does: "hangs" });
      ok(outcome.warnings.length > 0, name);
      match(outcome.warnings[0], / the persistent token cache failed: no answer in time$/);
      ok(outcome.took < PATIENCE + SPARE, `${name}: ${outcome.took} ms`);
    });
  });

  test("out of order: the disk fails, at one thing that the store does with it", async () => {
    const { before, calls } = await arrange();
    await sideBySide(8, calls.entries(), async ([n, name]) => {
      const { warnings, isSaved } = await goOn(before, { call: n + 1, name, does: "EIO" });
      ok(isSaved || warnings.some((line) => line.includes("EIO")), `${name}: ${warnings}`);
    });
  });

  test("out of order: the disk fails all the time", async () => {
    const { before } = await arrange();
    const home = await createHome(root, { like: before });
    const program = start({ home: home.path, disk: {} });
    const bob = { ...BOB, persistence: PLAIN, keep: "bob" };
    await program.ask({ command: "disk", faults: [{ does: "EIO" }] });
    for (const scope of ["User.Read", MORE.scope]) {
      const outcome = isToken(await program.ask({ ...bob, scope }));
      ok(outcome.warnings.length > 0);
      for (const line of outcome.warnings) match(line, /token cache failed: .*EIO/);
    }
    await program.ask({ command: "disk", faults: [] });
    const { warnings } = isToken(await program.ask({ ...bob, scope: "Notes.Read" }));
    deepEqual(warnings, []);
    deepEqual(await peopleOf(home), ["ada", "bob"]);
    deepEqual(await home.left(), [CACHE]);
    await program.end();
  });

  for (const does of ["hangs", "rejects", "throws"]) {
    test(`out of order: a storage or plugin that ${does}`, async () => {
      const home = await createHome(root);
      const program = start({ home: home.path });
      await Promise.all(METHODS.map((where) => goOnWithout(home, program, where, does)));
      await program.end();
    });
  }

  /** A method of a store is out of order for a while. */
  async function goOnWithout(home, program, { kind, method, ...where }, does) {
    const what = `${kind}, ${method}, ${JSON.stringify(where)}`;
    const folder = join(home.path, what);
    const store = { kind, folder };
    const persistence = kind === "storage" ? { ...PLAIN, ...where } : {};
    const errand = { ...BOB, persistence, store };
    const text = async () => {
      const [name, ...others] = await readdir(folder);
      deepEqual(others, []);
      return readFile(join(folder, name), "utf8");
    };
    isKept(await program.ask(errand));
    const old = await text();

    const kept = { ...errand, keep: what };
    const faulty = { ...kept, store: { ...store, faults: { [method]: does } } };
    const got = [];
    // Who hangs is waited for; once is enough.
    for (const scope of does === "hangs" ? [MORE.scope] : [MORE.scope, "Files.Read"]) {
      const { token, warnings, took } = isToken(await program.ask({ ...faulty, scope }));
      ok(warnings.length > 0, `${what}: it is told`);
      const why = does === "hangs" ? /no answer in time/ : /the store is out of order/;
      for (const line of warnings) match(line, why, what);
      ok(took < 2 * PATIENCE + SPARE, `${what}: ${took} ms`);
      deepEqual(await text(), old);
      got.push([scope, token]);
    }

    await program.ask({ command: "store", keep: what, faults: {} });
    const scope = "Notes.Read";
    const { token, took } = isKept(await program.ask({ ...kept, scope }));
    ok(took < SPARE, `${what}: ${took} ms`);
    got.push([scope, token]);
    deepEqual(peopleIn(await text()), ["bob"]);

    const next = start({ home: home.path });
    for (const [scope, token] of got) {
      const found = await next.ask({ ...errand, scope, silently: true });
      deepEqual([found.token, found.asked], [token, []], `${what}, ${scope}`);
    }
    await next.end();
  }

  test("out of order: a storage that can't remove keeps who signs out", async () => {
    const home = await createHome(root);
    const store = { kind: "storage", folder: join(home.path, "storage") };
    const bob = { ...BOB, persistence: PLAIN, store };
    const { token } = isToken(await once({ home: home.path }, bob));
    const program = start({ home: home.path });
    const faulty = { ...bob, keep: "bob", store: { ...store, faults: { removeItem: "rejects" } } };
    const { error } = await program.ask({ ...faulty, command: "signOut" });
    match(error, /The account was not removed: .*the store is out of order/);
    const found = await program.ask({ ...bob, silently: true });
    deepEqual([found.token, found.asked], [token, []]);

    await program.ask({ command: "store", keep: "bob", faults: {} });
    deepEqual(await program.ask({ ...faulty, command: "signOut" }), {});
    match((await program.ask({ ...bob, silently: true })).error, /^AuthenticationRequiredError/);
    await program.end();
  });

  /** A home where two have signed in, and what a program does with files that gets another token there. */
  async function arrange() {
    const { home: before } = await signBothIn(place, PLAIN);
    const home = await createHome(root, { like: before });
    const calls = await callsOf(place, home, { ...BOB, ...MORE, persistence: PLAIN });
    return { before, calls };
  }

  /** Gets a token in spite of a fault, and another one when that is over. */
  async function goOn(before, fault) {
    const home = await createHome(root, { like: before });
    const bob = { ...BOB, persistence: PLAIN };
    const how = `${fault.does} at call ${fault.call}, ${fault.name}`;
    try {
      const program = start({ home: home.path, disk: { faults: [fault] } });
      const first = isToken(await program.ask({ ...bob, ...MORE, keep: "bob" }));
      const text = await readFile(home.file, "utf8");
      deepEqual(peopleIn(text), ["ada", "bob"]);

      const second = isToken(await program.ask({ ...bob, scope: "Notes.Read", keep: "bob" }));
      deepEqual([second.asked, second.warnings], [["refresh"], []]);
      ok(second.took < LOCKED + SPARE, `${second.took} ms`);
      await program.end();

      deepEqual(await peopleOf(home), ["ada", "bob"]);
      deepEqual(await home.left(), [CACHE]);
      const next = start({ home: home.path });
      for (const [scope, { token }] of [
        [MORE.scope, first],
        ["Notes.Read", second],
      ]) {
        const found = await next.ask({ ...bob, scope, silently: true });
        deepEqual([found.token, found.asked], [token, []], scope);
      }
      const ada = await next.ask({ ...ADA, persistence: PLAIN, silently: true });
      deepEqual(ada.asked, []);
      await next.end();
      return { ...first, isSaved: text.includes(first.token) };
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      throw new Error(`${how}: ${message}; there is ${await home.left()}`, { cause: error });
    }
  }
}
