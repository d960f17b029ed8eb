/**
 * Where we differ from Python on purpose. A rule holds wherever its occasion arises, and is checked to hold there each
 * time; the others show in the scenarios that list them, deviation by deviation, and nowhere else.
 */

import { WELL_KNOWN } from "../../base/harness/well-known.js";

/** @typedef {import("./compare.js").Deviation} Deviation */
/** @typedef {import("./normalize.js").NormalRequest} NormalRequest */

/** What ours sends with discovery too. */
const DISCOVERY_HEADERS = [
  "x-client-sku: absent → present",
  "x-client-ver: absent → present",
  "x-client-os: absent → present",
  "client-request-id: absent → present",
  "x-ms-lib-capability: - → retry-after, h429",
];
const isDiscovery = ({ endpoint }) => endpoint === "instance" || endpoint === "openid";

const TELEMETRY = ["header.x-client-current-telemetry", "header.x-client-last-telemetry"];

/**
 * @typedef {object} Rule
 * @property {string} why
 * @property {(deviation: Deviation) => boolean} covers
 * @property {(python: NormalRequest[], pairs: import("./compare.js").Pair[]) => number} occasions how many deviations
 *   there must be
 */

/** @type {Record<string, Rule>} */
export const RULES = {
  "built-in endpoints": {
    why: "The endpoints of a well-known host are not asked for.",
    covers: ({ text, request }) => text.endsWith(": sent → not sent") && isKnownOpenid(request),
    occasions: (python) => python.filter(isKnownOpenid).length,
  },
  "built-in aliases": {
    why: "The aliases of a well-known host are built in, those of another came with its instance discovery.",
    covers: ({ text, request }) => text.endsWith(": sent → not sent") && asksAliases(request),
    occasions: (python) => python.filter(asksAliases).length,
  },
  "instance discovery 1.1": {
    why: "Instance discovery is asked in the version that names the aliases as well.",
    covers: ({ text }) => text.endsWith("instance query.api-version: 1.0 → 1.1"),
    occasions: (_, pairs) => pairs.filter(([{ endpoint }]) => endpoint === "instance").length,
  },
  "accept header": {
    why: "Every request says that it wants JSON; Python says so to the token endpoint alone.",
    covers: ({ text }) => text.endsWith("header.accept: */* → application/json"),
    occasions: (_, pairs) =>
      pairs.filter(([{ fields }]) => fields["header.accept"] === "*/*").length,
  },
  "headers of discovery": {
    why: "The library names itself to discovery as well.",
    covers: ({ text, request }) =>
      isDiscovery(request ?? {}) &&
      DISCOVERY_HEADERS.some((each) => text.endsWith(`header.${each}`)),
    occasions: (_, pairs) =>
      pairs.filter(([request]) => isDiscovery(request)).length * DISCOVERY_HEADERS.length,
  },
  "no telemetry": {
    why: "MSAL's telemetry headers are not sent.",
    covers: ({ what, text }) =>
      TELEMETRY.some((name) => what.endsWith(name)) && text.endsWith(" → -"),
    occasions: (_, pairs) =>
      pairs.flatMap(([{ fields }]) => TELEMETRY.filter((name) => name in fields)).length,
  },
};

/** @param {NormalRequest | undefined} request */
function isKnownOpenid(request) {
  if (request?.endpoint !== "openid") return false;
  return WELL_KNOWN.includes(request.host) && !request.path.startsWith("/adfs/");
}

/** @param {NormalRequest | undefined} request */
function asksAliases(request) {
  return request?.endpoint === "instance" && request.fields["query.api-version"] === "1.1";
}

/** Those that scenarios list. */
export const LISTED = {
  "a host and a port": 'An authority may name a port without a scheme, as in "localhost:8443".',
  "a record and an authority":
    "An authority that is given prevails over the record's; Python takes both for a mistake of its own.",
  "a record of another application":
    "A record of another application than the one given is a bad argument; in Python it prevails silently.",
  "a refresh belongs to its account":
    "What a refresh brings is filed under the account whose refresh token was spent, even if the reply doesn't say whose it is; Python files it under nobody and never finds it again.",
  "a token answers for what was asked":
    "A token that was granted for other scopes than were asked for, or for others in spelling, answers the same question again while it lives; Python spends a refresh token each time.",
  "a token is for what was asked":
    "A reply that doesn't say which scopes it granted granted those asked (RFC 6749 §5.1); Python files the token under none and never finds it again.",
  "claims are checked": "Claims that are no JSON object are a bad argument; Python sends them.",
  "no throttling":
    "A request that was refused may be sent again at once; MSAL repeats the refusal from memory for a minute.",
  "one request id a call":
    "One `client-request-id` serves a call from its refresh to its sign-in; Python makes a new one for the sign-in.",
  "a living token outlives an outage":
    "A token that still lives is returned when renewing it fails for lack of a server; Python rejects.",
  "one attempt with a living token":
    "With a token that still lives, renewing it is tried once; Python tries four times.",
  "authenticate challenges": "`authenticate` always asks the user; Python tries silently first.",
  "claims with the device request":
    "`claims` go with the device request too, so that the user meets the policy at once.",
  "empty scopes": "An empty scope is a bad argument; Python asks for a token of no resource.",
  "no slips":
    "Where Python trips over a field that is missing or of another type (KeyError, TypeError), there is a token, or an error of the right kind before the user is asked.",
  "no tenant discovery":
    "On a well-known host the tenant is not looked up: one that doesn't exist is refused at the device request, and one named by its domain is filed under that name.",
  "one sign-in for both kinds of session":
    "A refresh token gets access tokens with and without Continuous Access Evaluation; Python, which keeps those apart too, has the user sign in for each.",
  "other names than Entra's":
    "A user without `preferred_username` and `upn`, which OpenID Connect does not demand, goes by another claim; Python gives no record.",
  "polling times":
    "The first poll comes after one interval, the last one just before the end: their number is not compared.",
  "polling survives":
    "A fault of the transport, or a reply that is no OAuth JSON, doesn't end polling.",
  "reserved scopes": "`openid`, `profile` and `offline_access` may be asked for.",
  "tenant of a call": "A tenant for one call is checked like the credential's own.",
  "token type": '`tokenType` is always "Bearer", however the server writes it.',
  "token without an id token":
    "A reply without a usable id token still yields its token; only `authenticate` fails on it.",
};

/**
 * @param {import("./scenarios/index.js").Scenario} scenario
 * @param {Deviation[]} deviations
 * @param {NormalRequest[]} python
 * @param {import("./compare.js").Pair[]} pairs
 * @returns {{shown: string[], wrong: string[]}} the differences that show, and what should not be so
 */
export function judge({ differs = {} }, deviations, python, pairs) {
  const shown = [];
  const wrong = [];
  let left = deviations;
  for (const [name, rule] of Object.entries(RULES)) {
    const covered = left.filter(rule.covers);
    const occasions = rule.occasions(python, pairs);
    if (covered.length) shown.push(name);
    if (covered.length !== occasions) {
      wrong.push(`"${name}" has ${occasions} occasions, and shows ${covered.length} times`);
    }
    left = left.filter((deviation) => !covered.includes(deviation));
  }
  for (const [name, texts] of Object.entries(differs)) {
    if (!LISTED[name]) wrong.push(`no difference is called "${name}"`);
    shown.push(name);
    for (const text of texts) {
      const at = left.findIndex((deviation) => deviation.text === text);
      if (at < 0) wrong.push(`"${name}" does not show: ${text}`);
      else left = left.filter((_, n) => n !== at);
    }
  }
  wrong.push(...left.map(({ text }) => text));
  return { shown, wrong };
}
