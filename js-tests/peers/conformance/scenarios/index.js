/**
 * What both sides play. Data only, so that a Python program can read it:
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {import("../../../base/servers/entra/scenario.js").ScenarioConfig} [server]
 * @property {Step[]} steps each has an outcome, which is compared
 * @property {boolean} [serial] alone, since it touches what the process shares
 * @property {boolean} [anyPolls] how often a side polls before it gives up is its own matter
 * @property {boolean} [cache] the credentials share a cache, which is compared in the end
 * @property {string} [seed] what is in that cache at first
 * @property {Record<string, string[]>} [differs] the intended differences that show here, by their names in
 *   `differences.js`: every deviation, word by word
 *
 * @typedef {object} Step one of
 * @property {object} [credential] a new credential with these options, in our spelling; `authenticationRecord: "last"` is the
 *   record of the last step that had one; `prompt` is "noted" (default), "printed" or "throws"
 * @property {string[]} [getToken] scopes; with `claims`, `tenantId`, `enableCae`
 * @property {string[] | null} [authenticate] scopes; likewise
 * @property {string} [deserialize] a record
 * @property {true} [close]
 * @property {object} [server] changes the stand-in's script
 * @property {true} [approve]
 * @property {true} [revoke]
 * @property {number} [wait] seconds
 * @property {Record<string, string | null>} [environment]
 */

import argumentScenarios from "./arguments.js";
import authenticate from "./authenticate.js";
import cache from "./cache.js";
import claims from "./claims.js";
import families from "./families.js";
import hosts from "./hosts.js";
import records from "./records.js";
import refusals from "./refusals.js";
import replies from "./replies.js";
import tenants from "./tenants.js";
import tokens from "./tokens.js";
import { ADA } from "./values.js";

const ALL = {
  hosts,
  tokens,
  tenants,
  claims,
  authenticate,
  refusals,
  replies,
  records,
  arguments: argumentScenarios,
  cache,
  families,
};

/** @returns {Record<string, Scenario[]>} by group */
export function allScenarios() {
  const names = Object.values(ALL).flatMap((group) => group.map(({ name }) => name));
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice) throw new Error(`two scenarios are called "${twice}"`);
  return ALL;
}

/**
 * As one side plays them: with ids of its own, and Ada.
 *
 * @param {Scenario[]} scenarios
 * @param {string} side
 */
export function forSide(scenarios, side) {
  return scenarios.map(({ differs, server, ...scenario }, n) => ({
    ...scenario,
    id: `${side}-${n}`,
    server: { interval: 1, ...server, user: { ...ADA, ...server?.user } },
  }));
}
