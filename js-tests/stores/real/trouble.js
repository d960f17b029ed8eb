/** A Redis in trouble, by ioredis: its errors keep the command that failed, with the tokens in it. Nothing of that shows. */

import { deepEqual, equal, match, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { startRedis } from "../../base/services/redis.js";
import { arrange, unique } from "./arrange.js";

/** What is wrong with it, and what the log says of that. */
const TROUBLES = {
  "a replica": /READONLY|EXECABORT/,
  "no memory": /OOM|EXECABORT/,
  "a wrong password": /NOAUTH|WRONGPASS|Connection is closed/,
  "killed at work": /closed|aborted|max retries/i,
};

/**
 * @param {object} place
 * @param {import("./launch.js").Launch} place.launch
 */
export function addTrouble({ launch }) {
  const place = {
    storage: () => ({ layout: { name: unique(), partitioned: false } }),
    transaction: () => ({ layout: { name: unique(), partitioned: false } }),
    plugin: () => ({ partitions: { one: unique() } }),
  };
  for (const [kind, where] of Object.entries(place)) {
    for (const [trouble, says] of Object.entries(TROUBLES)) {
      test(`trouble: redis, ${kind}, ${trouble}`, async (t) => {
        const own = await startRedis();
        t.after(own.stop);
        const { signIn } = await arrange(t, { redis: own.url, ...where() });
        const outcome = await launch("node", "redis-trouble.js", { ...signIn, kind, trouble });
        const { secrets, leaks, quoted, removal, warnings } = outcome;
        deepEqual(leaks, []);
        ok(secrets > 5, `${secrets} secrets`);
        // Else there would be nothing to hide. Of a connection that is closed, only transactions quote.
        const isQuoting = trouble !== "killed at work" || kind === "transaction";
        equal(quoted > 0, isQuoting, `ioredis quotes ${quoted} secrets`);
        match(warnings.join("\n"), says);
        match(`${removal}`, /^AuthenticationError: The account was not removed/);
      });
    }
  }
}
