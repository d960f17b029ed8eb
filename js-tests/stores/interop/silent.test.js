/** Who has signed in on one side is signed in on the other. */

import { readdir } from "node:fs/promises";
import { deepEqual, equal, match, notEqual } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { ARM, GRAPH, meet, OURS, refreshToken, SHORT, same, VAULT } from "./meeting.js";

for (const on of OURS) {
  for (const first of ["Python", on]) {
    const [from, to] = first === "Python" ? [first, on] : [on, "Python"];
    test(`${from} signs in, ${to} gets tokens`, async (t) => {
      const { asked, files, read, s, theirs, ours } = await meet(t);
      const sides = [theirs(), ours(on)];
      const [one, other] = first === "Python" ? sides : sides.toReversed();

      const record = await one.signIn(GRAPH);
      const signedIn = await asked();
      const token = await other.token(record, GRAPH);
      same(await one.token(record, GRAPH), token);
      deepEqual(await asked(), signedIn, "both have it from the file");

      for (const [asker, next, scope] of [
        [other, one, VAULT],
        [one, other, ARM],
      ]) {
        const kept = refreshToken(await read());
        const renewed = await asker.token(record, scope);
        const { form } = (await s.requests("refresh")).at(-1) ?? {};
        equal(form?.refresh_token, kept);
        notEqual(refreshToken(await read()), kept, "it was rotated");
        const before = await asked();
        same(await next.token(record, scope), renewed);
        deepEqual(await asked(), before);
      }
      deepEqual(await asked(), [...signedIn, "refresh", "refresh"]);
      deepEqual(await files(), ["work.nocae"]);
    });
  }
}

for (const [order, name] of [
  [["Python", ...OURS], "after Python"],
  [["cli", "Python", "node", "Python", "deno", "Python", "bun", "Python"], "before Python"],
]) {
  test(`each renews what the one before it renewed, we ${name}`, async (t) => {
    const { asked, ours, read, s, theirs } = await meet(t, SHORT);
    const sides = Object.fromEntries(OURS.map((on) => [on, ours(on)]));
    sides.Python = theirs();
    const record = await sides[order[0]].signIn(GRAPH);
    const seen = new Set();
    for (const side of [...order, ...order]) {
      const kept = refreshToken(await read());
      seen.add(await sides[side].token(record, GRAPH));
      equal((await s.requests("refresh")).at(-1)?.form.refresh_token, kept, side);
    }
    equal(seen.size, 2 * order.length);
    equal((await asked()).filter((endpoint) => endpoint === "devicecode").length, 1);
    const { AccessToken } = await read();
    equal(Object.keys(AccessToken).length, 1, "one in place of the other");
  });
}

test("programs that keep running see what the others renewed", async (t) => {
  const { asked, ours, s, theirs } = await meet(t);
  const sides = [theirs(), ours(), ours("bun"), theirs()];
  const record = await sides[0].signIn(GRAPH, { keep: "it" });
  for (const side of sides) await side.token(record, GRAPH, { keep: "it" });
  equal((await asked()).includes("refresh"), false);
  for (let turn = 0; turn < 8; turn++) {
    const scope = `https://resource${turn}.example/.default`;
    const before = (await s.requests("refresh")).length;
    const tokens = [];
    for (let n = 0; n < sides.length; n++) {
      const side = sides[(turn + n) % sides.length];
      tokens.push(await side.token(record, scope, { keep: "it" }));
    }
    equal(new Set(tokens).size, 1, scope);
    equal((await s.requests("refresh")).length, before + 1, scope);
  }
});

for (const from of ["Python", "node"]) {
  test(`a token that ${from} got is renewed when it is due`, async (t) => {
    const { asked, ours, s, theirs } = await meet(t, { refreshIn: 1 });
    const sides = [theirs(), ours()];
    const [one, other] = from === "Python" ? sides : sides.toReversed();
    const record = await one.signIn(GRAPH);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await s.script({ refreshIn: 1800 });
    const token = await other.token(record, GRAPH);
    same(await one.token(record, GRAPH), token);
    equal((await asked()).filter((endpoint) => endpoint === "refresh").length, 1);
  });

  test(`with Continuous Access Evaluation, from ${from}`, async (t) => {
    const { asked, files, ours, s, theirs } = await meet(t);
    const cae = { enable_cae: true };
    const sides = [theirs(), ours()];
    const [one, other] = from === "Python" ? sides : sides.toReversed();
    const record = await one.signIn(GRAPH, cae);
    deepEqual(await files(), ["work.cae"]);
    const token = await other.token(record, GRAPH, cae);
    same(await one.token(record, GRAPH, cae), token);
    for (const side of [other, one, other]) {
      const scope = `https://resource${(await asked()).length}.example/.default`;
      const renewed = await side.token(record, scope, cae);
      match((await s.requests("refresh")).at(-1)?.form.claims, /"CP1"/);
      for (const each of sides) same(await each.token(record, scope, cae), renewed);
    }
    await theirs().refused(record, GRAPH);
    deepEqual(await files(), ["work.cae"]);
    equal((await asked()).filter((endpoint) => endpoint === "refresh").length, 3);
    // Ours gets the other kind of token with the same refresh token, and files it apart: so Python has it, too.
    const plain = await ours().token(record, GRAPH);
    deepEqual((await files()).sort(), ["work.cae", "work.nocae"]);
    same(await theirs().token(record, GRAPH), plain);
    same(await ours().token(record, GRAPH, cae), token);
  });
}

test("without a name, both use the same file", async (t) => {
  const { asked, files, ours, theirs } = await meet(t);
  const sides = [theirs(), ours()];
  const record = await sides[0].signIn(GRAPH, { name: undefined });
  deepEqual(await files(), ["msal.cache.nocae"]);
  const token = await sides[1].token(record, GRAPH, { name: undefined });
  same(await sides[0].token(record, GRAPH, { name: undefined }), token);
  same(await sides[1].token(record, GRAPH, { name: "msal.cache" }), token);
  equal((await asked()).length, 2);
  deepEqual(await files(), ["msal.cache.nocae"]);
});

test("MSAL by itself gets tokens from the file, and renews them for us", async (t) => {
  const { asked, ours, theirs } = await meet(t);
  const [msal, us] = [theirs(), ours()];
  const record = await us.signIn(GRAPH);
  const token = await us.token(record, GRAPH);
  const from = (scope) => msal.expect("msal_token", msal.as(record, { scope }));
  same((await from(GRAPH)).token, token);
  const { token: vault } = await from(VAULT);
  same(await us.token(record, VAULT), vault);
  same((await from(ARM)).token, await us.token(record, ARM));
  const renewals = (await asked()).filter((endpoint) => endpoint === "refresh");
  equal(renewals.length, 2);
});

test("records are the same on both sides", async (t) => {
  const { ours, theirs, home } = await meet(t);
  const sides = [theirs(), ours(), ours("cli")];
  const records = [];
  for (const side of sides) records.push(await side.signIn(GRAPH));
  for (const record of records) {
    deepEqual(JSON.parse(record), JSON.parse(records[0]));
    for (const side of sides.slice(0, 2)) {
      const again = (await side.expect("reserialize", { record })).record;
      deepEqual(JSON.parse(again), JSON.parse(record));
    }
  }
  deepEqual(await readdir(home), [".IdentityService"]);
});
