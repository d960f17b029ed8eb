/** What most cases begin with: a private Entra with a user, and a credential that reaches it as it would reach Entra. */

import { DeviceCodeCredential } from "entra-device-code";
import { createScenario } from "../../base/harness/scenario.js";

/** The requests of a first sign-in at an authority that is not Microsoft's own. */
export const SIGN_IN = ["openid", "devicecode", "token"];

/**
 * @typedef {object} Arrangement
 * @property {import("../../base/harness/scenario.js").Scenario} s
 * @property {(options?: object) => DeviceCodeCredential} create
 * @property {object[]} prompts what was shown to the user
 * @property {() => Promise<string[]>} asked the endpoints asked so far
 */

/**
 * @param {import("../../base/harness/suite.js").TestContext} t
 * @param {import("../../base/harness/scenario.js").ScenarioConfig} [config]
 * @returns {Promise<Arrangement>}
 */
export async function arrange(t, config) {
  const s = await createScenario(config);
  t.after(() => s.remove());
  const prompts = [];
  const own = {
    authority: s.authority(),
    tenantId: s.id,
    disableInstanceDiscovery: true,
    userPromptCallback: (info) => void prompts.push(info),
  };
  return {
    s,
    create: (options) => new DeviceCodeCredential({ ...own, ...options }),
    prompts,
    asked: async () => (await s.requests()).map(({ endpoint }) => endpoint),
  };
}

/**
 * The scopes that were asked for, without those that always are.
 *
 * @param {import("../../base/harness/scenario.js").RecordedRequest} request
 */
export function askedScopes({ form }) {
  const reserved = ["offline_access", "openid", "profile"];
  return form.scope.split(" ").filter((scope) => !reserved.includes(scope));
}
