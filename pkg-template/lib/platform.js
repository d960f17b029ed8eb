// What the platform says of itself, where that may be asked.

/** @import { Host } from "./types.js" */

/**
 * An environment variable. On Deno, one that may not be read counts as absent: nobody is asked for permission.
 *
 * @param {string} name
 */
export function environment(name) {
  try {
    const { Deno, process } = /** @type {Host} */ (globalThis);
    if (!isGranted("env", { variable: name })) return undefined;
    return Deno ? Deno.env.get(name) : process?.env?.[name];
  } catch {
    return undefined;
  }
}

/**
 * Whether something may be done without anybody being asked: only Deno asks.
 *
 * @param {string} name
 * @param {object} [what]
 */
export function isGranted(name, what) {
  const { Deno } = /** @type {Host} */ (globalThis);
  return !Deno?.permissions || Deno.permissions.querySync({ name, ...what }).state === "granted";
}

export function hostFetch() {
  return globalThis.fetch;
}

/** The operating system, or failing that the runtime. */
export function platform() {
  const { Deno, process, navigator } = /** @type {Host} */ (globalThis);
  return Deno?.build?.os ?? process?.platform ?? navigator?.userAgent ?? "unknown";
}
