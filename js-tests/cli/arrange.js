/** What most cases begin with: a private Entra, and the options that lead the program to it. */

import { doesNotMatch, ok } from "../base/harness/assert.js";
import { createScenario } from "../base/harness/scenario.js";

export const SCOPE = "https://graph.microsoft.com/.default";
const REFRESH_TOKEN = "1.a-refresh-token-that-nobody-may-see";

/**
 * @param {import("../base/harness/suite.js").TestContext} t
 * @param {import("../base/servers/entra/scenario.js").ScenarioConfig} [config]
 */
export async function arrange(t, config = {}) {
  const s = await createScenario(config);
  t.after(() => s.remove());
  const at = ["--authority", s.authority(), "--tenant", s.id, "--disable-instance-discovery"];
  return { s, at };
}

/** A token reply whose refresh token the cases know. */
export const KNOWN_REFRESH_TOKEN = { token: [{ set: { refresh_token: REFRESH_TOKEN } }] };

/**
 * Nothing that was written for people may hold a secret.
 *
 * @param {import("../base/harness/scenario.js").Scenario} s
 * @param {string} stderr
 * @param {string} [token]
 */
export async function showsNoSecret(s, stderr, token) {
  const polls = await s.requests("token");
  const secrets = [REFRESH_TOKEN, token, ...polls.map(({ form }) => form.device_code)];
  for (const secret of secrets.filter(Boolean)) ok(!stderr.includes(secret), "a secret on stderr");
  doesNotMatch(stderr, /eyJ[\w-]+\.[\w-]+/, "a token on stderr");
  doesNotMatch(stderr, /^\s+at .*:\d+/m, "a stack trace on stderr");
}
