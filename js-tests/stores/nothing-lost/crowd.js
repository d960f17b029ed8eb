/** Many processes that write to one file at once, some of which are killed meanwhile: whoever finishes is in it, for good. */

import { open, readFile, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { deepEqual, equal, match, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { inPeace } from "./arrange.js";
import { CACHE, createHome, MORE, opened, PROTECTIONS, peopleIn } from "./homes.js";

const CROWD = ["node", "deno", "bun", "node24", "node", "deno that may not run", "bun", "node"];
const ROUNDS = 5;
/** In each round but the first and the last: one at any moment, the others with the lock in their hands. */
const KILLED = 3;
/** When, in milliseconds after they have begun: Entra is polled after a second, and then all of them write. */
const MOMENTS = [980, 1400];
/** For how long one may have the lock before it is killed. */
const HOLDS = [0, 6];

/** What msal-extensions for Python waits for the lock, and how often it looks, in milliseconds. */
const PYTHON = { waits: 5000, looks: 250 };

/**
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["start"]} place.start
 * @param {ReturnType<typeof import("./launch.js").launcher>["once"]} place.once
 * @param {string} place.root
 */
export function addCrowd({ start, once, root }) {
  for (const [how, persistence] of Object.entries(PROTECTIONS)) {
    test(`crowd: ${CROWD.length} processes and one file, ${how}`, (t) =>
      inPeace(() => loseNobody(t, persistence)));
  }

  async function loseNobody(t, persistence) {
    const home = await createHome(root);
    const enter = (runtime) => start({ home: home.path, runtime });
    const crowd = CROWD.map(enter);
    t.after(() => {
      for (const each of crowd) each.kill();
    });
    /** Those who have got their tokens, by name. */
    const finished = new Map();
    let killed = 0;
    const reader = readAllTheTime(home, persistence, finished);
    t.after(() => reader.stop().catch(() => {}));

    for (let round = 1; round <= ROUNDS; round++) {
      const doomed = round === 1 || round === ROUNDS ? [] : some(KILLED, CROWD);
      const python = waitAsPython(home);
      python.catch(() => {});
      if (doomed.length > 0) setTimeout(crowd[doomed[0]].kill, between(MOMENTS));
      const killing = killWithLock(
        home,
        doomed.slice(1).map((n) => crowd[n]),
      );
      await Promise.all(
        crowd.map(async (program, n) => {
          const who = `${n} in round ${round}`;
          const outcome = await visit(program, who, persistence);
          if (outcome) finished.set(who, outcome);
          ok(outcome || doomed.includes(n), `${who} finishes`);
          // What was killed in this round is there again in the next one.
          if (doomed.includes(n)) {
            program.kill();
            await program.ended;
            crowd[n] = enter(CROWD[n]);
          }
        }),
      );
      await python;
      killed += await killing;
    }
    await reader.stop();
    ok(reader.reads() > 100, `${reader.reads()} reads`);
    ok(killed > 0, "one had the lock when it was killed");

    // Whoever comes last clears away what the dead have left.
    const last = { who: "the last", persistence };
    const { token } = await once({ home: home.path }, last);
    finished.set(last.who, { "User.Read": token });
    deepEqual(await home.left(), [CACHE]);
    await Promise.all(crowd.map((each) => each.end()));
    deepEqual(await home.left(), [CACHE]);

    const text = await opened(await readFile(home.file, "utf8"), persistence);
    const program = start({ home: home.path });
    for (const [who, tokens] of finished) {
      for (const [scope, token] of Object.entries(tokens)) {
        ok(text.includes(token), `${who}, ${scope}`);
      }
      const known = await program.ask({ who, persistence, silently: true });
      deepEqual([known.token, known.asked], [tokens["User.Read"], []], who);
    }
    await program.end();
    ok(finished.size > (CROWD.length - KILLED) * ROUNDS, `${finished.size} finished`);
  }
}

/** Signs somebody in, and gets them another token. @returns the tokens; nothing if the program is killed meanwhile */
async function visit(program, who, persistence) {
  const tokens = {};
  for (const scope of ["User.Read", MORE.scope]) {
    const outcome = await program.ask({ who, scope, persistence });
    if (outcome.ended === "SIGKILL") return undefined;
    match(outcome.token, /^access token/, `${who}: ${JSON.stringify(outcome)}`);
    deepEqual(outcome.warnings, [], who);
    tokens[scope] = outcome.token;
  }
  return tokens;
}

/** Looks at the file again and again: it is whole, and who has finished is in it. */
function readAllTheTime(home, persistence, finished) {
  let reads = 0;
  let reading = true;
  const done = (async () => {
    for (; reading; await sleep(2)) {
      const expected = [...finished.keys()];
      const text = await readFile(home.file, "utf8").catch((error) => {
        equal(error.code, "ENOENT");
        return undefined;
      });
      if (text === undefined) {
        equal(reads, 0, "the file is gone");
        continue;
      }
      reads += 1;
      const people = new Set(peopleIn(await opened(text, persistence)));
      for (const who of expected) ok(people.has(who), `${who} is lost`);
    }
  })();
  // It may fail long before it is stopped.
  done.catch(() => {});
  return {
    reads: () => reads,
    async stop() {
      reading = false;
      await done;
    },
  };
}

/** Gets the lock as msal-extensions for Python does, and lets it go. */
async function waitAsPython({ file }) {
  const lock = `${file}.lockfile`;
  const until = performance.now() + PYTHON.waits;
  for (; performance.now() < until; await sleep(PYTHON.looks)) {
    try {
      const handle = await open(lock, "wx");
      await handle.writeFile("1 python");
      await handle.close();
      await sleep(50);
      await rm(lock);
      return;
    } catch (error) {
      // Or there is no folder yet.
      if (!["EEXIST", "ENOENT"].includes(error.code)) throw error;
    }
  }
  throw new Error("Python waits in vain");
}

/** Kills each of these programs soon after it got the lock, if it is seen with it. @returns how many were */
async function killWithLock({ file }, programs) {
  const doomed = new Map(programs.map((program) => [program.pid, program]));
  let killed = 0;
  for (const until = performance.now() + 2 * MOMENTS[1]; performance.now() < until; ) {
    if (doomed.size === 0) break;
    const lock = await readFile(`${file}.lockfile`, "utf8").catch(() => "");
    const pid = Number.parseInt(lock, 10);
    const program = doomed.get(pid);
    if (program) {
      await sleep(between(HOLDS));
      program.kill();
      doomed.delete(pid);
      killed += 1;
    }
    await sleep(1);
  }
  return killed;
}

/** That many places in a list. */
function some(count, list) {
  const places = list.map((_, n) => n).sort(() => Math.random() - 0.5);
  return places.slice(0, count);
}

function between([from, to]) {
  return from + Math.random() * (to - from);
}
