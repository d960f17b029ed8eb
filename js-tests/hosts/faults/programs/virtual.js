/**
 * Time that goes by only when nothing else is left to do. It takes the place of the host's timers and clocks, so that
 * minutes of waiting take none.
 */

// Taken before anything is replaced.
const host = { setTimeout: globalThis.setTimeout, setImmediate: globalThis.setImmediate };
const turn = () => new Promise((done) => (host.setImmediate ?? host.setTimeout)(done, 0));

/** How many turns of the host's own queue it takes, at most, until a reply's stream has been read. */
const TURNS = 3;

const EPOCH = Date.UTC(2026, 10, 24);
const BOOT = 1_000_000;

/**
 * @typedef {object} VirtualTime
 * @property {() => number} now milliseconds since the beginning
 * @property {() => number} timers how many are set
 * @property {<T>(work: Promise<T>) => Promise<T>} during lets time go by until the work is done
 * @property {(span: number, sleepsAll: boolean) => void} sleep
 * @property {() => void} restore
 */

/**
 * What clocks and timers may do besides going on.
 *
 * @typedef {object} Odd
 * @property {number} wall how far the wall clock was set forward
 * @property {boolean} isFrozen the monotonic clock stands still
 * @property {number} missed how much it has missed so far
 * @property {(delay: number) => number} timer how long a timer really takes
 */

/** @type {Odd} */
const RIGHT = { wall: 0, isFrozen: false, missed: 0, timer: (delay) => delay };

/**
 * @param {object} [options]
 * @param {number} [options.turns]
 * @param {Odd} [options.odd]
 * @param {() => boolean} [options.isBusy] whether something is under way that no timer tells of
 * @returns {VirtualTime}
 */
export function installVirtualTime({ turns = TURNS, odd = RIGHT, isBusy = () => false } = {}) {
  const timers = createHeap();
  const set = new Map();
  let now = 0;
  let last = 0;

  const originals = [
    replace(globalThis, "setTimeout", (callback, delay = 0, ...args) => {
      last += 1;
      const at = now + odd.timer(Math.max(Number(delay) || 0, 0));
      const timer = { id: last, at, callback, args };
      set.set(timer.id, timer);
      timers.add(timer);
      return timer.id;
    }),
    replace(globalThis, "clearTimeout", (id) => void set.delete(id)),
    replace(Date, "now", () => EPOCH + now + odd.wall),
    replace(performance, "now", () => BOOT + now - odd.missed),
  ];

  async function during(work) {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    for (;;) {
      for (let n = 0; (n < turns || isBusy()) && !isDone; n++) await turn();
      if (isDone) return work;
      const due = next();
      if (!due) throw new Error(`at ${now} ms: somebody waits, and no timer is set`);
      pass(Math.max(due.at - now, 0));
      // Those of one moment fire one after the other, as a host lets them.
      for (let timer = due; timer; timer = next(now)) {
        set.delete(timer.id);
        timers.take();
        timer.callback(...timer.args);
        await undefined;
      }
    }
  }

  function pass(span) {
    now += span;
    if (odd.isFrozen) odd.missed += span;
  }

  /** The machine sleeps; its timers sleep with it, and the monotonic clock, or neither does. */
  function sleep(span, sleepsAll) {
    now += span;
    if (sleepsAll) timers.delay(span);
    if (sleepsAll || odd.isFrozen) odd.missed += span;
  }

  /** The timer that fires next, unless that is later than `until`. */
  function next(until = Number.POSITIVE_INFINITY) {
    let timer = timers.first();
    while (timer && !set.has(timer.id)) {
      timers.take();
      timer = timers.first();
    }
    return timer && timer.at <= until ? timer : undefined;
  }

  return {
    now: () => now,
    timers: () => set.size,
    during,
    sleep,
    restore: () => {
      for (const restore of originals) restore();
    },
  };
}

function replace(holder, name, value) {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, { value, configurable: true, writable: true });
  return () => {
    if (own) Object.defineProperty(holder, name, own);
    else delete holder[name];
  };
}

/** By time, and of those of one moment the first one set. */
function createHeap() {
  const heap = [];
  const isBefore = (a, b) => heap[a].at - heap[b].at || heap[a].id - heap[b].id;
  const swap = (a, b) => {
    [heap[a], heap[b]] = [heap[b], heap[a]];
  };
  return {
    first: () => heap[0],
    delay(span) {
      for (const timer of heap) timer.at += span;
    },
    add(timer) {
      let at = heap.push(timer) - 1;
      for (let above = (at - 1) >> 1; at > 0 && isBefore(at, above) < 0; above = (at - 1) >> 1) {
        swap(at, above);
        at = above;
      }
    },
    take() {
      const last = heap.pop();
      if (heap.length === 0) return;
      heap[0] = last;
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        let least = at;
        if (left < heap.length && isBefore(left, least) < 0) least = left;
        if (right < heap.length && isBefore(right, least) < 0) least = right;
        if (least === at) return;
        swap(at, least);
        at = least;
      }
    },
  };
}
