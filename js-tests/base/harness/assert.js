/** Assertions, small enough for runtimes that have no `node:assert`. */

export class AssertionError extends Error {
  name = "AssertionError";
}

/** @type {(value: unknown, message?: string) => asserts value} */
export function ok(value, message) {
  if (!value) fail(message, `expected a true value, got ${show(value)}`);
}

export function equal(actual, expected, message) {
  if (!Object.is(actual, expected)) {
    fail(message, `expected ${show(expected)}, got ${show(actual)}`);
  }
}

export function notEqual(actual, unexpected, message) {
  if (Object.is(actual, unexpected)) fail(message, `did not expect ${show(actual)}`);
}

/** By value: plain objects, arrays, dates, maps, sets, bytes. Classes count, order of keys does not. */
export function deepEqual(actual, expected, message) {
  const at = difference(actual, expected, "");
  if (at === undefined) return;
  fail(message, `expected ${show(expected)}, got ${show(actual)} (differs at ${at || "the top"})`);
}

/** @param {RegExp} pattern */
export function match(actual, pattern, message) {
  if (typeof actual !== "string" || !pattern.test(actual)) {
    fail(message, `expected a string like ${pattern}, got ${show(actual)}`);
  }
}

/** @param {RegExp} pattern */
export function doesNotMatch(actual, pattern, message) {
  if (typeof actual !== "string" || pattern.test(actual)) {
    fail(message, `expected a string unlike ${pattern}, got ${show(actual)}`);
  }
}

/**
 * The rejection's reason, for a closer look.
 *
 * @param {Promise<unknown> | (() => unknown)} action
 * @param {Expected} [expected]
 */
export async function rejects(action, expected, message) {
  let value;
  try {
    value = await (typeof action === "function" ? action() : action);
  } catch (error) {
    return expect(error, expected, message);
  }
  return fail(message, `expected a rejection, got ${show(value)}`);
}

/**
 * @param {() => unknown} action
 * @param {Expected} [expected]
 */
export function throws(action, expected, message) {
  let value;
  try {
    value = action();
  } catch (error) {
    return expect(error, expected, message);
  }
  return fail(message, `expected an exception, got ${show(value)}`);
}

/** @returns {never} */
export function fail(message, detail = "failed") {
  throw new AssertionError(message ? `${message}: ${detail}` : detail);
}

/**
 * A class, a pattern of the message, fields with their values (a pattern matches a string), or a predicate.
 *
 * @typedef {(new (...args: any[]) => any) | RegExp | Record<string, unknown> | ((error: any) => boolean)} Expected
 */

function expect(error, expected, message) {
  const unlike = (what) => fail(message, `expected ${what}, got ${show(error)}`);
  if (expected === undefined) return error;
  if (expected instanceof RegExp) {
    if (!expected.test(error?.message ?? error)) unlike(`an error like ${expected}`);
  } else if (typeof expected === "object") {
    for (const [name, value] of Object.entries(expected)) {
      if (value instanceof RegExp) match(error?.[name], value, message ?? name);
      else deepEqual(error?.[name], value, message ?? name);
    }
  } else if (isClass(expected)) {
    if (!(error instanceof expected)) unlike(`a ${expected.name}`);
  } else if (!expected(error)) {
    unlike("an error that passes the check");
  }
  return error;
}

/** Arrow functions, which predicates are, have no `prototype`. */
function isClass(value) {
  return value.prototype !== undefined;
}

/** @returns {string | undefined} the path of the first difference */
function difference(a, b, path) {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return path;
  // By name: a runtime that is a VM context has a second `Object`.
  if (a.constructor?.name !== b.constructor?.name) return path;
  if (a instanceof Date) return a.getTime() === b.getTime() ? undefined : path;
  if (a instanceof Map || a instanceof Set) return difference([...a], [...b], path);
  const keys = Object.keys(a);
  const missing = Object.keys(b).find((key) => !Object.hasOwn(a, key));
  if (missing !== undefined) return `${path}.${missing}`;
  for (const key of keys) {
    if (!Object.hasOwn(b, key)) return `${path}.${key}`;
    const at = difference(a[key], b[key], `${path}.${key}`);
    if (at !== undefined) return at;
  }
  return undefined;
}

function show(value) {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === "function") return `function ${value.name}`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
