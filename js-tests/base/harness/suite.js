/**
 * A registry of test cases, and their run: concurrently, since most of a device code flow is waiting, up to a limit and
 * each within its time. Web APIs only.
 */

/**
 * @typedef {object} TestContext
 * @property {string} name
 * @property {AbortSignal} signal aborted when the case is over or out of time
 * @property {(cleanup: () => unknown) => void} after runs when the case is over, the last one given first
 * @property {(reason: string) => never} skip ends the case, counted as skipped
 */

/**
 * @typedef {object} TestOptions
 * @property {boolean} [serial] alone, after the others: for cases that touch what all share, like the global fetch
 * @property {number} [timeout] ms
 * @property {string | false} [skip] why not to run it
 */

/**
 * @typedef {object} Summary
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {{name: string, error: string}[]} failures
 */

/** @typedef {(t: TestContext) => unknown} TestBody */
/** @typedef {{name: string, options: TestOptions, body: TestBody}} TestCase */

/** @type {TestCase[]} */
const cases = [];

/**
 * @param {string} name
 * @param {TestOptions | TestBody} options may be left out
 * @param {TestBody} [body]
 */
export function test(name, options, body) {
  if (typeof options === "function") cases.push({ name, options: {}, body: options });
  else if (body) cases.push({ name, options, body });
  else throw new TypeError(`test ${name} has no body`);
}

class Skipped extends Error {}

/**
 * @param {object} [settings]
 * @param {number} [settings.concurrency]
 * @param {number} [settings.timeout] ms, of a case that names none
 * @param {string} [settings.only] part of the names to run
 * @param {(line: string) => void} [settings.print]
 * @returns {Promise<Summary>}
 */
export async function run({ concurrency = 16, timeout = 60_000, only, print = console.log } = {}) {
  /** @type {Summary} */
  const summary = { passed: 0, failed: 0, skipped: 0, failures: [] };
  const chosen = cases.filter(({ name }) => !only || name.includes(only));
  const together = chosen.filter(({ options }) => !options.serial);
  const alone = chosen.filter(({ options }) => options.serial);
  await runAll(together, concurrency);
  await runAll(alone, 1);
  // None at all is a mistake in the runner or in `only`, not a success.
  if (chosen.length === 0) {
    summary.failed += 1;
    summary.failures.push({ name: "(suite)", error: "no test cases" });
    print("not ok - no test cases");
  }
  return summary;

  async function runAll(queue, limit) {
    const waiting = queue.values();
    const worker = async () => {
      for (const testCase of waiting) await runOne(testCase);
    };
    await Promise.all(Array.from({ length: limit }, worker));
  }

  async function runOne({ name, options, body }) {
    const startedAt = performance.now();
    const took = () => `(${((performance.now() - startedAt) / 1000).toFixed(1)} s)`;
    try {
      if (options.skip) throw new Skipped(options.skip);
      await withinTime(name, body, options.timeout ?? timeout);
      summary.passed += 1;
      print(`ok - ${name} ${took()}`);
    } catch (error) {
      if (error instanceof Skipped) {
        summary.skipped += 1;
        print(`ok - ${name} # skipped: ${error.message}`);
        return;
      }
      summary.failed += 1;
      summary.failures.push({ name, error: describe(error) });
      print(`not ok - ${name} ${took()}\n${describe(error).replace(/^/gm, "    ")}`);
    }
  }
}

/** @param {Summary} summary */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
}

/**
 * @param {string} name
 * @param {TestBody} body
 * @param {number} timeout
 */
async function withinTime(name, body, timeout) {
  const controller = new AbortController();
  const cleanups = /** @type {(() => unknown)[]} */ ([]);
  /** @type {TestContext} */
  const context = {
    name,
    signal: controller.signal,
    after: (cleanup) => void cleanups.unshift(cleanup),
    skip: (reason) => {
      throw new Skipped(reason);
    },
  };
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over after ${timeout} ms`)), timeout);
  });
  try {
    await Promise.race([(async () => body(context))(), late]);
  } finally {
    clearTimeout(timer);
    controller.abort(new Error(`test over: ${name}`));
    for (const cleanup of cleanups) await cleanup();
  }
}

/** With the stack, and the causes, which V8 alone would print. */
function describe(error) {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const stack = error.stack ?? "";
  const head = stack.includes(error.message) ? stack : `${error.name}: ${error.message}\n${stack}`;
  return error.cause === undefined ? head : `${head}\ncaused by ${describe(error.cause)}`;
}
