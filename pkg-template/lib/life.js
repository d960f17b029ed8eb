// What is under way on behalf of the living WebAssembly instance. Should it die, all of it ends at once: nobody waits for
// an answer that never comes, and nothing keeps the process alive.

/** @typedef {ReturnType<typeof setTimeout>} Timer */

/** @type {Set<Pending>} */
const pending = new Set();
/** @type {Set<Timer>} */
const timers = new Set();
/** @type {Set<AbortController>} */
const controllers = new Set();

/** The promise of a call. Rust settles it; it is rejected if the instance dies. */
export class Pending {
  /** @type {((value: unknown) => void) | undefined} */
  #resolve;
  /** @type {((reason: unknown) => void) | undefined} */
  #reject;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    pending.add(this);
  }

  /**
   * @param {boolean} succeeded
   * @param {unknown} value
   */
  settle(succeeded, value) {
    pending.delete(this);
    if (succeeded) this.#resolve?.(value);
    else this.#reject?.(value);
  }
}

/** @typedef {(key: number, succeeded: boolean, value: unknown) => void} Teller what Rust is told with */

/** Tells what a promise settles to, unless it is let go before. */
export class Listening {
  /** @type {Teller | undefined} */
  #teller;

  /**
   * @param {unknown} promise
   * @param {Teller} teller
   * @param {number} key
   */
  constructor(promise, teller, key) {
    this.#teller = teller;
    Promise.resolve(promise).then(
      (value) => this.#teller?.(key, true, value),
      (reason) => this.#teller?.(key, false, reason),
    );
  }

  letGo() {
    this.#teller = undefined;
  }
}

/** Listens to a promise that `wake` resolves. */
export class Alarm extends Listening {
  /**
   * @param {Teller} teller
   * @param {number} key
   */
  constructor(teller, key) {
    /** @type {((value: undefined) => void) | undefined} */
    let wake;
    const promise = new Promise((resolve) => {
      wake = resolve;
    });
    super(promise, teller, key);
    this.wake = wake;
  }
}

/** A function that a store is lent, until it is let go. A store that took too long may call it yet: it does nothing then. */
export class Loan {
  #lent;

  /** @param {((...args: unknown[]) => unknown) | undefined} lent */
  constructor(lent) {
    this.#lent = lent;
  }

  get isOver() {
    return this.#lent === undefined;
  }

  /** @param {unknown[]} args */
  call(...args) {
    return this.#lent?.(...args);
  }

  letGo() {
    this.#lent = undefined;
  }
}

/**
 * @param {Teller} teller
 * @param {number} key
 * @param {number} delay
 */
export function startTimer(teller, key, delay) {
  const timer = setTimeout(() => {
    // One that couldn't be cleared fires all the same, when its key may be another's.
    if (timers.delete(timer)) teller(key, true, undefined);
  }, delay);
  timers.add(timer);
  return timer;
}

/** @param {Timer} timer */
export function clearTimer(timer) {
  timers.delete(timer);
  clearTimeout(timer);
}

/** @param {AbortController} controller */
export function noteController(controller) {
  controllers.add(controller);
}

/** @param {AbortController} controller */
export function forgetController(controller) {
  controllers.delete(controller);
}

/**
 * Ends all of it: every call that waits is rejected with `error`.
 *
 * @param {Error} error
 */
export function endAll(error) {
  for (const timer of timers) clearTimeout(timer);
  timers.clear();
  for (const call of [...pending]) call.settle(false, error);
  // Whoever hears of an abort may call again: what that begins is of the next instance.
  const stopped = [...controllers];
  controllers.clear();
  for (const controller of stopped) {
    try {
      controller.abort();
    } catch {
      // It belongs to a request that is gone.
    }
  }
}
