/** The file itself: what stays in it, and who may read it. */

import { stat, writeFile } from "node:fs/promises";
import { deepEqual, equal, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { BOB } from "../../cli/home.js";
import { GRAPH, meet, OURS, VAULT } from "./meeting.js";

const OTHER = "https://other.example/.default";

const mode = async (path) => ((await stat(path)).mode & 0o777).toString(8);

test("nobody but the user may read it, whoever made it", async (t) => {
  const modes = {};
  for (const first of ["Python", "we"]) {
    const { file, files, folder, ours, theirs } = await meet(t);
    const sides = [theirs(), ours()];
    const [one, other] = first === "Python" ? sides : sides.toReversed();
    const record = await one.signIn(GRAPH);
    modes[first] = await mode(folder);
    equal(await mode(file), "600");
    await other.token(record, VAULT);
    equal(await mode(file), "600");
    equal(await mode(folder), modes[first], "the folder is as it was");
    await one.token(record, OTHER);
    equal(await mode(file), "600");
    deepEqual(await files(), ["work.nocae"]);
  }
  equal(modes.we, "700");
});

const STRANGE = { of: ["another", { version: 7 }], text: "½ \u2028", number: 1.5, nothing: null };
/** Rows that a renewal writes anew; Python does not keep what others added to them either. */
const RENEWED = ["IdToken", "AppMetadata"];
/** The fields that a renewal changes in the row of a refresh token. */
const ROTATED = ["secret", "last_modification_time"];

for (const on of OURS) {
  test(`what only others understand survives what we write on ${on}`, async (t) => {
    const { file, ours, read, s, theirs } = await meet(t);
    const [python, us] = [theirs(), ours(on)];
    const record = await python.signIn(GRAPH);
    await python.token(record, OTHER);
    const before = await read();
    before.Strange = { "a key": { ...STRANGE } };
    for (const [section, rows] of Object.entries(before)) {
      for (const row of Object.values(rows)) {
        if (!RENEWED.includes(section)) Object.assign(row, { strange: STRANGE });
      }
      // Python must be able to tell whether it has expired.
      rows["a strange row"] = { credential_type: "Strange", expires_on: "4102444800", ...STRANGE };
    }
    await writeFile(file, JSON.stringify(before));

    await us.token(record, VAULT);
    keeps(await read(), before);
    await s.script({ user: BOB });
    await us.signIn(GRAPH);
    const after = await read();
    keeps(after, before);
    for (const section of ["Account", "RefreshToken"]) {
      equal(Object.keys(after[section]).length, Object.keys(before[section]).length + 1);
    }
    // Python goes on with it.
    for (const scope of [GRAPH, OTHER, VAULT]) await python.token(record, scope);
    equal((await s.requests("refresh")).length, 2);
  });
}

/** Whether all of `before` is there, less what a renewal writes. */
function keeps(after, before) {
  for (const [section, rows] of Object.entries(before)) {
    for (const [key, row] of Object.entries(rows)) {
      const [now, was] = [after[section]?.[key], row].map((each) => ({ ...each }));
      const changed = { RefreshToken: ROTATED, IdToken: ["secret"] }[section] ?? [];
      for (const field of key === "a strange row" ? [] : changed) {
        ok(now[field]);
        now[field] = was[field];
      }
      deepEqual(now, was, `${section}: ${key}`);
    }
  }
}
