/** A slow start says what it waits for. */

/** How long a start may take in silence, in milliseconds. */
const SILENCE = 4000;

/**
 * @typedef {object} Waiting
 * @property {(what: string) => void} for this it waits from now on
 * @property {() => void} end it waits no more, or the user knows
 */

/**
 * @param {import("./terminal.js").Terminal} terminal
 * @returns {Waiting}
 */
export function createWaiting(terminal) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {string | undefined} */
  let told;
  let ended = false;
  const tell = (/** @type {string} */ what) => {
    told = what;
    if (terminal.isInteractive) terminal.status(() => `Waiting for ${what}`);
    else terminal.print(`Waiting for ${what}.`);
  };
  return {
    for(what) {
      clearTimeout(timer);
      if (ended || what === told) return;
      timer = setTimeout(tell, SILENCE, what).unref();
    },
    end() {
      ended = true;
      clearTimeout(timer);
      if (told !== undefined) terminal.finish();
    },
  };
}
