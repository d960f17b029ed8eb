/** Many processes that write to one Redis at once. */

import Redis from "ioredis";
import { deepEqual, equal } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { arrange, unique } from "./arrange.js";

const CROWD = 8;
const ROUNDS = 4;

/** Alone: they keep the machine busy, and are to meet. */
const ALONE = { serial: true, timeout: 60_000 };

/**
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["converse"]} place.converse
 * @param {string} place.redis
 */
export function addCrowd({ converse, redis }) {
  test(`crowd: ${CROWD} processes, an item for each account`, ALONE, async (t) => {
    await meet(t, () => ({ layout: { name: unique() } }));
  });

  test(`crowd: ${CROWD} processes, one item for all`, ALONE, async (t) => {
    const client = connect(t);
    await meet(t, () => {
      const name = unique();
      return {
        layout: { name, partitioned: false },
        text: () => client.get(`${name}.nocae`),
      };
    });
  });

  test(`crowd: ${CROWD} processes, MSAL's plugin with one key for all`, ALONE, async (t) => {
    const client = connect(t);
    await meet(t, () => {
      const one = unique();
      return { partitions: { one }, text: () => client.get(one) };
    });
  });

  /**
   * In every round, each process signs in an account of its own. Afterwards each account is to be known to another process.
   *
   * @param {() => {layout?: object, partitions?: object, text?: () => Promise<string | null>}} createPlace of a round
   */
  async function meet(t, createPlace) {
    const accounts = await Promise.all(Array.from({ length: CROWD }, () => arrange(t)));
    const crowd = await Promise.all(accounts.map(() => converse("crowd.js", { redis })));
    t.after(() => Promise.all(crowd.map((each) => each.end())));
    await Promise.all(crowd.map(({ ready }) => ready));

    for (let round = 1; round <= ROUNDS; round++) {
      const { text, ...place } = createPlace();
      const all = (errandOf) =>
        Promise.all(
          accounts.map((account, n) => crowd[n].ask({ ...errandOf(account, n), ...place })),
        );

      const signedIn = await all(({ signIn }) => signIn);
      for (const { error, warnings } of signedIn) deepEqual([error, warnings], [undefined, []]);
      if (text) {
        const cache = JSON.parse((await text()) ?? "{}");
        equal(Object.keys(cache.Account).length, CROWD, `round ${round}: accounts`);
        equal(Object.keys(cache.RefreshToken).length, CROWD, `round ${round}: refresh tokens`);
      }
      // Each asks for the account of the one beside it.
      const beside = (n) => (n + 1) % CROWD;
      const known = await all((_, n) => ({
        ...accounts[beside(n)].getToken,
        record: signedIn[beside(n)].record,
      }));
      for (const [n, { token }] of known.entries()) equal(token, signedIn[beside(n)].token);
    }
    const asked = await Promise.all(accounts.map((account) => account.asked()));
    for (const each of asked) equal(each.filter((endpoint) => endpoint === "refresh").length, 0);
  }

  function connect(t) {
    const client = new Redis(redis);
    t.after(() => client.disconnect());
    return client;
  }
}
