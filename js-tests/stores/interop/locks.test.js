/** Who waits for whom. */

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deepEqual, equal, match, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { place } from "../../cli/program.js";
import { LOCKS } from "./locks.js";
import { DIES, GRAPH, meet, OURS, STORAGE, same, VAULT } from "./meeting.js";

/**
 * Something that is waited for later: should another thing fail before, this failing too must not end the whole run.
 *
 * @template T
 * @param {Promise<T>} promise
 */
function later(promise) {
  promise.catch(() => {});
  return promise;
}

/** Resolves when it is so. */
async function until(isSo) {
  for (let tries = 0; tries < 500; tries++) {
    if (await isSo()) return;
    await sleep(10);
  }
  throw new Error(`never: ${isSo}`);
}

const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function meetLocked(t, lock) {
  const place = await meet(t);
  const python = place.theirs(LOCKS[lock].env());
  equal((await python.expect("kind_of_lock")).kind, LOCKS[lock].module);
  return { ...place, python };
}

for (const lock of Object.keys(LOCKS)) {
  test(`while Python holds its lock, ${lock}, we wait`, async (t) => {
    const { ours, read, lock: path, python } = await meetLocked(t, lock);
    const us = ours();
    const record = await python.signIn(GRAPH);
    await us.token(record, GRAPH);
    const before = await read();
    let held = true;
    const holding = later(
      python.expect("hold_lock", { name: "work", seconds: 1.5 }).then(() => {
        held = false;
      }),
    );
    await until(() => exists(path));
    await us.token(record, GRAPH);
    ok(held, "reading waits for nobody");
    const token = later(
      us.token(record, VAULT).then((found) => {
        ok(!held);
        return found;
      }),
    );
    await sleep(1000);
    deepEqual(await read(), before);
    ok(held && (await exists(path)), "the lock is still Python's");
    await holding;
    const renewed = await token;
    same(await python.token(record, VAULT), renewed);
  });

  test(`Python, whose lock is ${lock}, and the lock of a program that died: one of ours clears it`, async (t) => {
    const { files, ours, lock: path, python } = await meetLocked(t, lock);
    const us = ours();
    const record = await us.signIn(GRAPH);
    await die(ours("cli"), record, path);
    const renewing = later(python.token(record, VAULT));
    await sleep(600);
    ok(await exists(path));
    await us.token(record, STORAGE);
    await renewing;
    await python.token(record, "https://other.example/.default");
    deepEqual(await files(), ["work.nocae"], "nothing is left of it");
  });
}

/** Our program dies with the lock. */
async function die(cli, record, path) {
  const env = { NODE_OPTIONS: `--import=${join(place.dir, DIES)}` };
  equal(await cli.token(record, VAULT, { env }), "");
  match(await readFile(path, "utf8"), /^\d+ \S+ [\da-f-]{36}$/);
}

test("Python alone with the lock of a program that died: fails, until we do as much as look", async (t) => {
  const { files, ours, lock, python } = await meetLocked(t, "a file");
  const us = ours();
  const record = await us.signIn(GRAPH);
  await die(ours("cli"), record, lock);
  await python.token(record, GRAPH);
  const startedAt = performance.now();
  const { error, message } = await python.ask("token", python.as(record, { scope: VAULT }));
  const took = performance.now() - startedAt;
  equal(error, "ClientAuthenticationError");
  match(message, /Unable to obtain lock, despite trying for 5 second/);
  ok(took > 4900 && took < 8000, `${took} ms`);

  await us.token(record, GRAPH);
  await python.token(record, VAULT);
  // What it had prepared can't take effect any more, and goes with the next who writes.
  equal((await files()).length, 2);
  await us.token(record, STORAGE);
  deepEqual(await files(), ["work.nocae"]);
});

test("Python alone with it, and portalocker: goes on after 5 s", async (t) => {
  const { files, ours, lock, python } = await meetLocked(t, "portalocker");
  const us = ours();
  const record = await us.signIn(GRAPH);
  await die(ours("cli"), record, lock);
  const startedAt = performance.now();
  await python.token(record, VAULT);
  const took = performance.now() - startedAt;
  ok(took > 4900 && took < 8000, `${took} ms`);
  await us.token(record, STORAGE);
  deepEqual(await files(), ["work.nocae"]);
});

for (const on of OURS) {
  test(`a file that Python is about to write is read when it is whole, on ${on}`, async (t) => {
    const { asked, file, ours, read, python } = await meetLocked(t, "a file");
    const us = ours(on);
    const record = await python.signIn(GRAPH);
    await python.token(record, VAULT);
    await us.token(record, GRAPH);
    const before = await asked();
    const whole = (await stat(file)).size;
    for (const scope of [GRAPH, STORAGE]) {
      const rewriting = later(python.expect("rewrite_slowly", { name: "work", seconds: 0.8 }));
      await until(async () => (await stat(file)).size < whole / 1.5);
      await us.token(record, scope);
      await rewriting;
    }
    deepEqual((await asked()).slice(before.length), ["refresh"]);
    same(await python.token(record, STORAGE), await us.token(record, STORAGE));
    equal(Object.keys((await read()).AccessToken).length, 3);
  });
}
