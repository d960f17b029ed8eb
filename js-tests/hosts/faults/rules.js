/**
 * What each cell of the table must show. Nothing here was copied from a run: it is what the package promises, by the nature
 * of the fault and the manner in which a request is sent.
 *
 * | | harmless | silent, busy | busy, and asks to wait | unfit |
 * |---|---|---|---|---|
 * | asked | goes on | again, 3 times at most: 0.8 s later, then twice that, and so on | again, when it says; over 60 s, it fails at once and says how long | fails at once |
 * | polled | goes on | polls on, after twice the last wait, 60 s at most | polls on, when it says, never sooner than the interval | polls on, as if silent |
 * | renewed | goes on | the token that lives, after one request of 10 s at most; no other for 30 s | the same | the same |
 *
 * The last poll goes out a second before the code ends, whatever the wait, so that nobody who signs in meanwhile is lost. A
 * poll that hangs until 5 s after the end is followed by that last one, which has 5 s of its own.
 */

const LONGEST_ASKED = 60_000;
const LONGEST_BACKOFF = 60_000;
const BEFORE_END = 1000;
/** How long after the end the last reply may come. */
const GRACE = 5000;
/** How long a token that lives waits for its successor. */
const BRIEF = 10_000;
/** 1 MiB, and what a stream holds ready besides. */
const MOST_READ = (1 << 20) + 3 * (1 << 16);

/** A date in a header has no milliseconds. */
const EXACT = 5;
const SLACK_OF_DATE = 1000;
const SLACK_OF_SOCKETS = 2500;

/**
 * @param {any} cell of `programs/table.js`
 * @param {import("./programs/columns.js").Column} column
 * @param {import("./programs/cell.js").Settings} settings
 * @param {number} lag how much longer than it should a request may take on this machine just now, in milliseconds
 * @returns {string[]} what is not as promised
 */
export function broken(cell, column, settings, lag) {
  if (cell.broken) return [cell.broken];
  const { seen } = cell;
  const rule = { asked, polled, renewed }[column.manner](cell, column, settings);
  const wrong = [];
  const expect = (what, holds) => {
    if (!holds) wrong.push(what);
  };
  const slack = settings.isReal ? SLACK_OF_SOCKETS + lag : cell.isDate ? SLACK_OF_DATE : EXACT;
  const isNear = (a, b, by) => Math.abs(a - b) <= by;
  // By sockets, polls take some time of their own.
  const isPolled = settings.isReal && column.manner === "polled";
  const more = isPolled ? 1 + Math.floor(lag / settings.interval) : 0;
  expect("the result", seen.result === rule.result);
  expect("how many requests", isNear(seen.requests, rule.requests, more));
  expect("how long it took", isNear(seen.took, rule.took, slack * rule.requests));
  expect("how many prompts", seen.prompts === rule.prompts);
  if (rule.result === "an error" && seen.result === rule.result) {
    expect("the error's class", seen.isOurs && seen.name === "AuthenticationError");
    expect("the error's status", seen.statusCode === rule.status);
    expect("the error's words", seen.message.includes(rule.says));
    expect("no secret in the error", seen.leaks.length === 0);
  }
  if (seen.resting) {
    const { result, requests } = seen.resting;
    expect("no renewal for a while", result === "the token that lives" && requests === 0);
  }
  expect("no secret in the log", seen.logLeaks.length === 0);
  expect("how much of the body is read", !(seen.read > MOST_READ));
  expect("that the credential works on", seen.afterwards.result === rule.afterwards);
  if (wrong.length) wrong.push(`expected ${JSON.stringify(rule)}, seen ${JSON.stringify(seen)}`);
  return wrong;
}

// Afterwards, whoever has a token gets it again, and the others sign in.
const granted = { result: "a token", afterwards: "the token that lives" };
const failed = { result: "an error", afterwards: "a token" };

/** How long a request takes that meets the fault. */
function duration({ lasts = 0 }, atMost) {
  return lasts === "as long as it may" ? atMost : lasts;
}

function asked(cell, column, { interval, retries, delay, requestTimeout }) {
  const { nature, status, asks, mode } = cell;
  // Whoever has no account signs in: a code, and a poll.
  const prompts = column.first ? 0 : 1;
  const signIn = prompts * interval;
  if (nature === "harmless") return { ...granted, requests: 1, took: signIn, prompts };
  const atOnce = { ...failed, requests: 1, took: 0, status, prompts: 0, says: "" };
  if (nature === "unfit") return atOnce;
  const says = asks > LONGEST_ASKED ? "asks to wait" : "failed";
  if (asks > LONGEST_ASKED) return { ...atOnce, says };
  const tries = mode === "once" ? 1 : retries + 1;
  let took = tries * duration(cell, requestTimeout);
  for (let n = 0; n < Math.min(tries, retries); n++) took += asks || delay * 2 ** n;
  if (mode === "once") return { ...granted, requests: 2, took: took + signIn, prompts };
  return { ...failed, requests: tries, took, status, prompts: 0, says };
}

function polled(cell, { healthy = 0 }, { interval, life, requestTimeout }) {
  const { nature, mode, asks } = cell;
  const lastAt = life - Math.min(BEFORE_END, life / 8);
  let now = 0;
  let wait = interval;
  for (let requests = 1; ; requests++) {
    now = Math.max(Math.min(now + wait, lastAt), now);
    const isLast = now >= lastAt;
    const isFaulty = requests === healthy + 1 || (requests > healthy && mode === "always");
    if (requests > healthy && (!isFaulty || nature === "harmless")) {
      return { ...granted, requests, took: now, prompts: 1 };
    }
    if (isFaulty) {
      now += duration(cell, Math.min(requestTimeout, Math.max(life - now, 0) + GRACE));
      wait = asks === undefined ? Math.min(2 * wait, LONGEST_BACKOFF) : Math.max(asks, interval);
    }
    const says = "imed out";
    if (isLast) return { ...failed, requests, took: now, prompts: 1, says };
  }
}

function renewed(cell, _, { requestTimeout, rests }) {
  const once = { requests: 1, prompts: 0 };
  if (cell.nature === "harmless") return { ...granted, ...once, took: 0 };
  const took = duration(cell, Math.min(BRIEF, requestTimeout));
  const result = "the token that lives";
  return { ...once, result, took, afterwards: rests ? "a token" : result };
}
