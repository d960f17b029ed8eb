/** What the cases about device flows share. */

export const SILENTLY = { disableAutomaticAuthentication: true };
export const ONCE = { once: true };
export const REASON = new RangeError("the user closed the window");

/** The ways to go on. What ends a flow ends it in either. */
export const WAYS = { "to the end": {}, once: ONCE };

/** As a store or a queue gives it back. */
export function stored(flow) {
  return JSON.parse(JSON.stringify(flow));
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
