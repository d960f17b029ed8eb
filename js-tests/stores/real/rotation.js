/**
 * Servers that retire a refresh token when it is spent, and processes that share a store and renew at the same moment: one of
 * them spends the token, and the others find its successor.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Redis from "ioredis";
import { deepEqual, equal } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { arrange, unique } from "./arrange.js";

/** Whether each keeps its credential, or begins anew each time. */
const CROWD = [{ keeps: true }, { keeps: true }, { keeps: false }, { keeps: false }];
const ROUNDS = 4;
const SERVER = { retiresRefreshTokens: true, latency: [20, 80] };

/** Alone: they keep the machine busy, and are to meet. */
const ALONE = { serial: true, timeout: 120_000 };

/**
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["converse"]} place.converse
 * @param {string} place.redis
 * @param {string} place.folder the home of whoever is started
 */
export function addRotation({ converse, redis, folder }) {
  /** What each process is told of the store, and how to read it. */
  const STORES = {
    "one file": (name) => ({
      store: { place: "files", layout: { name } },
      read: () => readFile(join(folder, ".IdentityService", `${name}.nocae`), "utf8"),
    }),
    "an item for each account": (name, client, id) => ({
      store: { place: "storage", layout: { name } },
      read: () => client.get(`${name}.nocae.${encodeURIComponent(id)}`),
    }),
    "one item for all": (name, client) => ({
      store: { place: "storage", layout: { name, partitioned: false } },
      read: () => client.get(`${name}.nocae`),
    }),
    "MSAL's plugin": (name, client) => ({
      store: { place: "plugin", partitions: { one: name } },
      read: () => client.get(name),
    }),
  };
  const SCOPES = {
    "the same scope": (round) => `https://round${round}.example/.default`,
    "each a scope of its own": (round, n) => `https://round${round}.example/.${n}`,
  };

  for (const [where, createStore] of Object.entries(STORES)) {
    for (const [what, scopeOf] of Object.entries(SCOPES)) {
      test(`rotation: ${CROWD.length} processes, ${where}, ${what}`, ALONE, async (t) => {
        const client = new Redis(redis);
        t.after(() => client.disconnect());
        const { s, id, signIn } = await arrange(t);
        await s.script(SERVER);
        const { store, read } = createStore(unique(), client, id);
        const enter = async (more) => {
          const process = await converse("renew.js", { redis, ...signIn, ...store, ...more });
          t.after(process.end);
          await process.ready;
          return process;
        };
        const { record } = await (await enter()).ask({ signsIn: true });
        const known = { record, isAsked: true };
        const crowd = await Promise.all(CROWD.map((how) => enter({ ...known, ...how })));
        const newcomer = await enter({ ...known, keeps: false });

        for (let round = 1; round <= ROUNDS; round++) {
          const spent = refreshToken(await read());
          const before = (await s.requests("refresh")).length;
          // Nobody is answered before all have asked.
          const together = before + CROWD.length;
          const replies = Array.from(CROWD, () => ({ together }));
          await s.script({ replies: { refresh: replies } });
          const scopes = CROWD.map((_, n) => scopeOf(round, n));
          const outcomes = await Promise.all(
            crowd.map((each, n) => each.ask({ scope: scopes[n] })),
          );

          for (const { token, ...rest } of outcomes) {
            deepEqual(rest, { prompts: [], warnings: [] }, `round ${round}`);
            equal(oidOf(token), s.user.oid);
          }
          const asked = (await s.requests("refresh")).slice(before);
          const met = asked.slice(0, CROWD.length);
          deepEqual(
            met.map(({ form }) => form.refresh_token),
            CROWD.map(() => spent),
          );
          equal(met.filter(({ status }) => status === 200).length, 1, "one was first");
          const granted = asked.filter(({ status }) => status === 200);
          equal(granted.length, new Set(scopes).size, "one renewal for each scope");

          // Whoever comes then has the token of each, and the newest refresh token.
          for (const [n, { token }] of outcomes.entries()) {
            equal((await newcomer.ask({ scope: scopes[n] })).token, token, `round ${round}, ${n}`);
          }
          const newest = refreshToken(await read());
          const more = await newcomer.ask({ scope: `https://after${round}.example/.default` });
          deepEqual([more.prompts, more.warnings, more.error], [[], [], undefined]);
          const last = (await s.requests("refresh")).slice(before + asked.length);
          deepEqual(
            last.map(({ form, status }) => [form.refresh_token, status]),
            [[newest, 200]],
          );
        }
        equal((await s.requests("devicecode")).length, 1, "nobody had to sign in again");
      });
    }
  }
}

/** The one refresh token in a cache. */
function refreshToken(text) {
  const rows = Object.values(JSON.parse(text).RefreshToken);
  equal(rows.length, 1);
  return rows[0].secret;
}

/** Whose an access token is. */
function oidOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString()).oid;
}
