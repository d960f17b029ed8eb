/** What is not as it should be, by chance: values, texts that somebody has been at, exceptions. */

import { createChance } from "../chance.js";
import { count } from "./kinds.js";

/** Of the options, arguments, replies and items, so many are odd. */
const ODD = 0.2;
/** How often a call from within an exception begins another, in each trial: it may meet such an exception, too. */
const AGAIN = 5;

export let chance = createChance(1);
let callAgain = () => false;
let again = 0;

/**
 * A trial begins.
 *
 * @param {number} seed
 * @param {() => boolean} call calls the credential from within an exception, if there is one
 */
export function begin(seed, call) {
  chance = createChance(seed);
  callAgain = call;
  again = AGAIN;
}

export const pick = (list) => list[Math.floor(chance() * list.length)];
export const maybe = () => chance() < ODD;

/** Thrown by what we plant: a program's own exceptions are its own. */
export const PLANTED = new Error("planted");
/** And such as call the credential again when they are looked at. */
export const calling = new WeakSet();

/** What `make` makes, or an exception, or a rejection. */
export function sometimes(make) {
  const how = chance();
  if (how < 0.3) throw exception();
  return how < 0.6 ? rejected() : make();
}

export function rejected() {
  const promise = Promise.reject(exception());
  promise.catch(() => {});
  return promise;
}

/** Whoever asks some of them what they say is led back into the package. */
export function exception() {
  if (!maybe()) return PLANTED;
  const say = () => {
    if (again > 0) {
      again -= 1;
      if (callAgain()) count("calledAgain");
    }
    return "planted";
  };
  const made = pick([
    () => Object.defineProperty(new Error(), "message", { get: say }),
    () => ({ toString: say }),
    () => Object.defineProperty(new Error("planted"), "cause", { get: say }),
  ])();
  calling.add(made);
  return made;
}

/** Text that somebody has been at; anything else is now and then something odd. */
export function altered(value) {
  if (!maybe()) return value;
  if (typeof value !== "string") return value && chance() < 0.5 ? { ...value, ...member() } : odd();
  const at = Math.floor(chance() * (value.length + 1));
  const end = at + Math.floor(chance() * 20);
  const part = value.slice(at, end);
  return pick([
    value.slice(0, at),
    value.slice(0, at) + value.slice(end),
    value.slice(0, at) + part + part + value.slice(end),
    value.slice(0, at) + pick(["\0", "\ud800", '"', "{", "[", "1e400", "\u202e"]) + value.slice(at),
  ]);
}

function member() {
  return { [pick(["homeAccountId", "clientId", "version", "authority", "scopes"])]: odd() };
}

/** What JSON can hold. */
export function plainOdd() {
  return pick([
    null,
    true,
    -1,
    0,
    1e308,
    "",
    " ",
    "\ud800",
    "x".repeat(5000),
    [],
    {},
    [[[[]]]],
    "0x10",
  ]);
}

export function odd() {
  return pick([
    plainOdd,
    () => undefined,
    () => Number.NaN,
    () => 1n,
    () => Symbol("odd"),
    () => () => odd(),
    () => new Date(Number.NaN),
    () => new Uint8Array(3),
    () => new Map([[1, 2]]),
    () => rejected(),
    () => Object.create(null),
    () => deep(2000),
    () =>
      new Proxy(
        {},
        {
          get() {
            throw PLANTED;
          },
        },
      ),
    () => ({
      toString() {
        throw PLANTED;
      },
    }),
  ])();
}

function deep(levels) {
  let value = {};
  for (let n = 0; n < levels; n++) value = { value };
  return value;
}
