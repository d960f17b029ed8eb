/** Whom people sign in at: the stand-in for Entra, and a real OpenID provider. */

import { approve } from "../../base/harness/person.js";
import { createScenario } from "../../base/harness/scenario.js";
import { testServers } from "../../base/harness/servers.js";

/**
 * @typedef {object} Provider
 * @property {object} options of a credential
 * @property {string} scope
 * @property {object} renew options with which `getToken` needs a new token
 * @property {string} username
 * @property {(shown: {userCode: string, verificationUri: string}) => Promise<unknown>} approve the user signs in
 * @property {import("../../base/harness/scenario.js").Scenario} [s] what the stand-in was asked
 */

/** @type {Record<string, (t: import("../../base/harness/suite.js").TestContext) => Promise<Provider>>} */
export const PROVIDERS = { Entra: entra, "an OpenID provider": openId };

/**
 * @param {import("../../base/harness/suite.js").TestContext} t
 * @param {import("../../base/harness/scenario.js").ScenarioConfig} [config]
 */
export async function entra(t, config) {
  const s = await createScenario({ approveAfterPolls: null, ...config });
  t.after(() => s.remove());
  return {
    options: { authority: s.authority(), tenantId: s.id, disableInstanceDiscovery: true },
    scope: "User.Read",
    renew: { claims: '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}' },
    username: s.user.username,
    approve: ({ userCode }) => s.approve(userCode),
    s,
  };
}

async function openId() {
  const { url, tenant, clientId, scope } = testServers().oidc;
  const username = `${crypto.randomUUID()}@contoso.com`;
  return {
    options: { clientId, authority: url, tenantId: tenant, disableInstanceDiscovery: true },
    scope,
    renew: { claims: '{"userinfo":{"name":null}}' },
    username,
    approve: ({ userCode, verificationUri }) => approve({ userCode, verificationUri, username }),
  };
}
