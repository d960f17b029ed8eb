/** What most cases begin with: a private Entra, and errands for programs that sign in to it. */

import { deepEqual, equal, notEqual } from "../../base/harness/assert.js";
import { createScenario } from "../../base/harness/scenario.js";
import { testServers } from "../../base/harness/servers.js";

export const ARM = "https://management.azure.com/.default";

/**
 * @param {import("../../base/harness/suite.js").TestContext} t
 * @param {object} [more] for every errand
 */
export async function arrange(t, more = {}) {
  const s = await createScenario();
  t.after(() => s.remove());
  const base = `${testServers().entra.url}/~${s.id}`;
  const shared = { base, tenantId: s.user.tid, ...more };
  return {
    s,
    id: `${s.user.oid}.${s.user.tid}`,
    signIn: { do: "sign in", ...shared },
    getToken: { do: "get a token", ...shared },
    signOut: { do: "sign out", ...shared },
    asked: async () => (await s.requests()).map(({ endpoint }) => endpoint),
  };
}

/** A name that no other case uses in a store that they share. */
export const unique = () => `case-${crypto.randomUUID()}`;

/** A key as `act` takes it. */
export const createKey = () =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));

/**
 * Who signs in, in one process, is known to others, which renew for each other.
 *
 * @param {Awaited<ReturnType<typeof arrange>>} arrangement
 * @param {(errand: object) => Promise<any>} visit does an errand in a process, or whatever outlives none
 * @returns {Promise<{record: object, token: string}>} of who signed in
 */
export async function serveEachOther({ signIn, getToken, asked }, visit) {
  const { record, token, warnings } = await visit(signIn);
  deepEqual(warnings, []);
  const known = { ...getToken, record };
  const second = await visit(known);
  equal(second.token, token);
  deepEqual(second.warnings, []);
  deepEqual(await asked(), ["devicecode", "token"]);

  const other = { ...known, scope: ARM };
  const renewed = await visit(other);
  notEqual(renewed.token, token);
  equal((await visit(other)).token, renewed.token);
  deepEqual(await asked(), ["devicecode", "token", "refresh"]);
  return { record, token };
}
