/** What each side left, for the other to go on with: scenarios made of the results of one. */

import { ARM, credential, GRAPH, getToken, TENANT, VAULT } from "./scenarios/values.js";

/** @type {import("./scenarios/index.js").Scenario} */
export const LEAVING = {
  name: "what is handed over",
  cache: true,
  steps: [credential({ tenantId: TENANT }), { authenticate: [VAULT] }, getToken([GRAPH])],
};

/**
 * @param {string} whose
 * @param {any} result of LEAVING
 * @returns {import("./scenarios/index.js").Scenario}
 */
export function takeOver(whose, { steps, cache }) {
  const rows = Object.values(JSON.parse(cache).RefreshToken);
  return {
    name: `${whose} record and cache, with both sides`,
    cache: true,
    seed: cache,
    server: { refreshTokens: rows.map(({ secret }) => secret) },
    steps: [
      { deserialize: steps[1].outcome.serialized },
      credential({ authenticationRecord: "last", disableAutomaticAuthentication: true }),
      getToken([VAULT]),
      getToken([GRAPH]),
      getToken([ARM]),
    ],
  };
}
