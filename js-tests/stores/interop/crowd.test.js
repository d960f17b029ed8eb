/** Programs of both sides that write at the same time. */

import { setTimeout as sleep } from "node:timers/promises";
import { deepEqual, equal } from "../../base/harness/assert.js";
import { createScenario } from "../../base/harness/scenario.js";
import { test } from "../../base/harness/suite.js";
import { ADA, claimsOf } from "../../cli/home.js";
import { LOCKS } from "./locks.js";
import { ARM, GRAPH, meet, STORAGE, same, VAULT } from "./meeting.js";

const ROUNDS = 4;
const SCOPES = Array.from({ length: ROUNDS }, (_, n) => `https://resource${n}.example/.default`);

for (const [lock, { env }] of Object.entries(LOCKS)) {
  for (const many of [1, 3]) {
    test(`a crowd with ${many} of Python, whose lock is ${lock}, loses nothing`, async (t) => {
      const place = await meet(t);
      const crowd = [
        ...["node", "deno", "bun"].map((on) => ({ name: on, side: place.ours(on), tries: 1 })),
        ...Array.from({ length: many }, (_, n) => ({
          name: `python${n}`,
          side: place.theirs(env()),
          // One empties the file and then fills it, another sees it empty and nobody in it. Not so if we write.
          tries: many === 1 ? 1 : 5,
        })),
      ];
      const accounts = await Promise.all(crowd.map((each) => createAccount(t, each)));
      // Each in its own time, one step after the other.
      await Promise.all(
        accounts.map(async (account) => {
          account.record = await account.side.signIn(SCOPES[0], account.as);
          for (const scope of SCOPES.slice(1)) await getToken(account, scope);
        }),
      );

      const { Account, RefreshToken, AccessToken } = await place.read();
      const names = Object.values(Account).map(({ username }) => username);
      deepEqual(names.sort(), accounts.map(({ username }) => username).sort());
      equal(Object.keys(RefreshToken).length, accounts.length);
      equal(Object.keys(AccessToken).length, accounts.length * ROUNDS);
      deepEqual(await place.files(), ["work.nocae"]);

      for (const { side } of [accounts[0], accounts[accounts.length - 1]]) {
        for (const { record, as, s, username } of accounts) {
          for (const scope of SCOPES) {
            equal(claimsOf(await side.token(record, scope, as)).upn, username);
          }
          equal((await s.requests("refresh")).length, ROUNDS - 1);
        }
      }
    });
  }
}

async function createAccount(t, { name, ...more }) {
  const username = `${name}@contoso.com`;
  const s = await createScenario({ user: { username } });
  t.after(() => s.remove());
  return { ...more, username, s, as: { scenario: s.id, tenant_id: s.user.tid }, record: "" };
}

async function getToken({ side, record, as, tries }, scope) {
  for (let left = tries; ; left--) {
    try {
      return await side.token(record, scope, as);
    } catch (error) {
      if (left === 1 || !/AuthenticationRequiredError/.test(error.message)) throw error;
    }
  }
}

test("what we write while Python reads is not lost when Python writes", async (t) => {
  const { ours, read, s, theirs } = await meet(t);
  const [python, us, other] = [theirs(), ours(), ours()];
  await s.script({ user: ADA });
  const ada = await python.signIn(GRAPH);
  await python.token(ada, GRAPH, { keep: "Ada's" });
  await us.token(ada, VAULT);
  await python.expect("read_slowly", { seconds: 0.3 });
  // It has to read, since we wrote; and we write again before it notes when it read.
  const reading = python.token(ada, GRAPH, { keep: "Ada's" });
  // It is waited for later: should another thing fail before, this failing too must not end the whole run.
  reading.catch(() => {});
  await sleep(100);
  const renewed = await other.token(ada, STORAGE);
  await reading;
  await python.token(ada, ARM, { keep: "Ada's" });
  equal(Object.keys((await read()).AccessToken).length, 4);
  same(await us.token(ada, STORAGE), renewed);
});
