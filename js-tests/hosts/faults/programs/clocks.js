/**
 * Sign-ins while clocks jump and stand still, the machine sleeps, and timers are early or late. `tests/clocks.rs` goes through more
 * of that; this is about how the host's clocks and timers are used.
 */

import { DeviceCodeCredential } from "entra-device-code";
import { createChance } from "./chance.js";
import { installVirtualTime } from "./virtual.js";

/** How early a timer may be, and what that makes of a flow's life: one part in so many. */
const EARLY = 2;
const DRIFT = 300;
/** How far behind a clock is that stands still, until a timer says how late it is. */
const BEHIND = 1500;
const BEFORE_END = 1000;
const AFTER_END = 10_000;
const HOUR = 3_600_000;

/**
 * @param {{seed: number, flows: number}} input
 * @returns {Promise<{wrong: string[], tokens: number, timedOut: number}>}
 */
export async function clocks({ seed, flows }) {
  const chance = createChance(seed);
  const pick = (items) => items[Math.floor(chance() * items.length)];
  const odd = {
    wall: 0,
    isFrozen: false,
    missed: 0,
    timer: (delay) => Math.max(delay - pick([0, 0, 1, EARLY]), 0) + pick([0, 0, 0, 1, 15, 300]),
  };
  const time = installVirtualTime({ odd });
  const seen = { wrong: [], tokens: 0, timedOut: 0 };
  /** How much time the machine slept, or its clock stood still. */
  let lost = 0;
  let isOver = false;

  const wait = (span) => new Promise((resolve) => setTimeout(resolve, span));

  async function oddities() {
    while (!isOver) {
      const before = time.now();
      await wait(chance() * 20_000);
      if (odd.isFrozen) lost += time.now() - before;
      const what = Math.floor(chance() * 5);
      if (what < 2) odd.wall = pick([0, 500, -500, HOUR, -HOUR, 200_000 * HOUR, -200_000 * HOUR]);
      else if (what === 2) odd.isFrozen = !odd.isFrozen;
      else {
        const asleep = pick([900, 10_000, 120_000]);
        lost += asleep;
        time.sleep(asleep, chance() < 0.5);
      }
    }
  }

  async function flow(_, number) {
    const [interval, life] = [pick([1000, 5000, 9000]), pick([4000, 20_000, 60_000, 300_000])];
    let issued;
    let told;
    let heard;
    let rushed = false;
    let received = false;
    const signsIn = chance() * 2 * life;
    const check = (holds, what) => {
      if (!holds) seen.wrong.push(`flow ${number}, at ${time.now()} ms: ${what}`);
    };
    const end = (before) => before + life;

    /** A poll as the server sees it. */
    function polled() {
      check(!rushed, "a poll that comes too soon is the last");
      rushed = time.now() + EARLY < heard + interval;
      const mayBeLast = time.now() + life / DRIFT + BEHIND + BEFORE_END >= end(issued);
      check(!rushed || mayBeLast, "nobody polls sooner than the interval");
    }

    async function answer(url) {
      const isPoll = !url.endsWith("/devicecode");
      if (isPoll) polled();
      const arrived = time.now();
      issued ??= arrived;
      await wait(pick([3, 3, 90, 2500]));
      heard = time.now();
      told ??= heard;
      if (!isPoll) {
        return Response.json({
          device_code: "DC",
          user_code: "UC",
          verification_uri: "https://microsoft.com/devicelogin",
          expires_in: life / 1000,
          interval: interval / 1000,
        });
      }
      if (chance() < 0.1) throw new TypeError("connection reset");
      if (arrived < issued + signsIn) {
        return Response.json({ error: "authorization_pending" }, { status: 400 });
      }
      received = true;
      return Response.json({ access_token: "AT", expires_in: 3600 });
    }

    function fetch(url, { signal }) {
      return new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => {
          heard = time.now();
          reject(signal.reason);
        });
        answer(url).then(resolve, reject);
      });
    }

    await wait(chance() * 600_000);
    const credential = new DeviceCodeCredential({ fetch, promptCallback() {} });
    const before = lost;
    try {
      await credential.getToken("User.Read");
      seen.tokens += 1;
      check(received, "a token is the server's");
    } catch (error) {
      seen.timedOut += 1;
      check(error.message.startsWith("Timed out"), error.message);
      check(
        time.now() + life / DRIFT + BEHIND + BEFORE_END >= end(issued),
        "nobody gives up before the end",
      );
      const late = lost - before + 60_000 * Number(odd.isFrozen) + life / 10;
      check(time.now() <= end(told) + AFTER_END + late, "it ends when it should");
    }
    credential.close();
  }

  try {
    void oddities();
    const all = Promise.all(Array.from({ length: flows }, flow));
    await time.during(all);
    isOver = true;
    return seen;
  } finally {
    time.restore();
  }
}
