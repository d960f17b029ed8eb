/** Several accounts in one file, and accounts that leave it. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { deepEqual, equal, match, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { ADA, BOB, claimsOf } from "../../cli/home.js";
import { GRAPH, meet, STORAGE, same, VAULT } from "./meeting.js";

/**
 * Ada, whom Python signed in, and Bob, whom we did; or the other way round.
 *
 * @param {import("../../base/harness/suite.js").TestContext} t
 * @param {{adaBy?: string}} [how]
 */
async function meetWithBoth(t, { adaBy = "Python" } = {}) {
  const place = await meet(t);
  const [theirs, ours] = [place.theirs(), place.ours()];
  const sides = adaBy === "Python" ? [theirs, ours] : [ours, theirs];
  await place.s.script({ user: ADA });
  const ada = await sides[0].signIn(GRAPH);
  await place.s.script({ user: BOB });
  const bob = await sides[1].signIn(GRAPH);
  for (const side of sides) {
    await side.token(ada, GRAPH, { keep: "Ada's" });
    await side.token(bob, GRAPH, { keep: "Bob's" });
  }
  return { ...place, python: theirs, us: ours, sides, ada, bob };
}

for (const adaBy of ["Python", "us"]) {
  test(`two accounts in one file, Ada signed in by ${adaBy}`, async (t) => {
    const { s, asked, sides, ada, bob, read } = await meetWithBoth(t, { adaBy });
    const before = await asked();
    for (const [record, { username }] of [
      [ada, ADA],
      [bob, BOB],
    ]) {
      const tokens = [];
      for (const side of sides) tokens.push(await side.token(record, GRAPH));
      equal(claimsOf(tokens[0]).upn, username);
      same(tokens[1], tokens[0]);
    }
    deepEqual(await asked(), before);

    await s.script({ user: ADA });
    for (const side of sides) {
      for (const other of sides) same(await side.token(ada, VAULT), await other.token(ada, VAULT));
      equal(claimsOf(await side.token(ada, STORAGE)).oid, ADA.oid);
    }
    equal((await s.requests("refresh")).length, 2);
    equal(Object.keys((await read()).Account).length, 2);
  });
}

test("whom the command line program signs out, Python has to ask", async (t) => {
  const { flags, run, s, python, ada, bob, read } = await meetWithBoth(t);
  const logout = await run("logout", [...flags, "--username", ADA.username]);
  equal(logout.stderr, "Signed out ada@contoso.com.\n");
  equal(logout.status, 0);

  await python.refused(ada, GRAPH);
  await python.refused(ada, GRAPH, { keep: "Ada's" });
  await python.token(bob, GRAPH);
  // What a running program still remembers does not come back with what it writes.
  const before = (await s.requests("refresh")).length;
  await python.token(bob, VAULT, { keep: "Bob's" });
  await python.token(bob, STORAGE);
  equal((await s.requests("refresh")).length, before + 2);
  const kept = JSON.stringify(await read());
  ok(!kept.includes(ADA.oid) && kept.includes(BOB.oid));

  const rest = await run("logout", flags);
  equal(rest.stderr, "Signed out bob@contoso.com.\n");
  for (const keep of [undefined, "Bob's"]) await python.refused(bob, GRAPH, { keep });
  ok(!JSON.stringify(await read()).includes(BOB.oid));
});

test("whom the library signs out, Python has to ask", async (t) => {
  const { python, us, ada, bob, read } = await meetWithBoth(t);
  await us.expect("sign_out", us.as(ada));
  for (const keep of [undefined, "Ada's"]) await python.refused(ada, GRAPH, { keep });
  await python.token(bob, GRAPH);
  equal(Object.keys((await read()).RefreshToken).length, 1);
});

for (const kinds of [[false, true], [true]]) {
  const where = kinds.length === 2 ? "in both caches" : "only with Continuous Access Evaluation";
  for (const on of ["cli", "node"]) {
    test(`who is signed in ${where} and is signed out on ${on} is in neither`, async (t) => {
      const { flags, folder, ours, run, s, theirs } = await meet(t, { user: ADA });
      const [python, us] = [theirs(), ours()];
      const records = [];
      for (const enable_cae of kinds) records.push(await python.signIn(GRAPH, { enable_cae }));
      if (on === "cli") equal((await run("logout", flags)).stderr, "Signed out ada@contoso.com.\n");
      else await us.expect("sign_out", us.as(records[0]));
      for (const enable_cae of kinds) {
        for (const side of [python, us]) await side.refused(records[0], GRAPH, { enable_cae });
        const file = join(folder, enable_cae ? "work.cae" : "work.nocae");
        ok(!(await readFile(file, "utf8")).includes(s.user.oid));
      }
    });
  }
}

test("whom Python signs out, we have to ask", async (t) => {
  const { flags, run, python, us, ada, bob, read } = await meetWithBoth(t, { adaBy: "us" });
  await python.expect("msal_sign_out", python.as(ada));
  await us.refused(ada, GRAPH);
  // A token that a running program of ours has is good as long as it is good.
  await us.refused(ada, VAULT, { keep: "Ada's" });
  await us.refused(ada, GRAPH, { keep: "Ada's" });
  await us.token(bob, GRAPH, { keep: "Bob's" });
  await us.token(bob, VAULT, { keep: "Bob's" });
  ok(!JSON.stringify(await read()).includes(ADA.oid));
  const { stdout } = await run("token", [...flags, "--scope", GRAPH]);
  equal(claimsOf(stdout).upn, BOB.username, "the only one");

  await python.expect("msal_sign_out", python.as(bob));
  const { stdout: nothing, stderr } = await run("logout", flags);
  equal(nothing, "");
  match(stderr, /^Nobody is signed in/);
});

test("who was signed out and signs in on the other side is back", async (t) => {
  const { s, python, us, sides, ada } = await meetWithBoth(t);
  await s.script({ user: ADA });
  for (const [out, back] of [
    [() => us.expect("sign_out", us.as(ada)), python],
    [() => python.expect("msal_sign_out", python.as(ada)), us],
  ]) {
    await out();
    for (const side of sides) await side.refused(ada, VAULT, { keep: "Ada's" });
    await back.signIn(GRAPH);
    for (const side of sides) await side.token(ada, GRAPH, { keep: "Ada's" });
    for (const side of sides) await side.token(ada, STORAGE);
  }
});
