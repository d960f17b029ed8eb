/** The harness on this runtime: if a sign-in by hand fails here, look at the test set-up before the package. */

import { deepEqual, equal, ok, rejects } from "../base/harness/assert.js";
import { approve } from "../base/harness/person.js";
import { createScenario } from "../base/harness/scenario.js";
import { testServers } from "../base/harness/servers.js";
import { test } from "../base/harness/suite.js";

const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** @param {Record<string, string>} form */
function posting(form) {
  return { method: "POST", body: new URLSearchParams(form) };
}

test("harness: a sign-in at the stand-in, by hand", async (t) => {
  const s = await createScenario({ approveAfterPolls: null });
  t.after(() => s.remove());
  const base = "https://login.microsoftonline.com/organizations/oauth2/v2.0";
  const begin = posting({ client_id: "app", scope: "openid User.Read" });
  const code = await (await s.fetch(`${base}/devicecode`, begin)).json();
  const poll = async () => {
    const form = { client_id: "app", grant_type: DEVICE_CODE_GRANT, device_code: code.device_code };
    return (await s.fetch(`${base}/token`, posting(form))).json();
  };
  equal((await poll()).error, "authorization_pending");
  equal(await s.approve(code.user_code), 1);
  equal((await poll()).token_type, "Bearer");

  const requests = await s.waitForRequests(2, { endpoint: "token" });
  equal(requests.length, 2);
  deepEqual(
    (await s.requests()).map(({ endpoint, host }) => [endpoint, host]),
    ["devicecode", "token", "token"].map((endpoint) => [endpoint, "login.microsoftonline.com"]),
  );
});

test("harness: the host's own fetch trusts the stand-in, and an abort reaches it", async (t) => {
  const s = await createScenario({ replies: { openid: [{ hang: true }] } });
  t.after(() => s.remove());
  const address = `${s.authority()}/${s.id}/v2.0/.well-known/openid-configuration`;
  const aborter = new AbortController();
  const hanging = fetch(address, { signal: aborter.signal });
  await s.waitForRequests(1);
  aborter.abort();
  await rejects(hanging, { name: "AbortError" });
  await s.waitForRequests(1, { aborted: true });
  const { token_endpoint } = await (await fetch(address)).json();
  equal(token_endpoint, `${s.authority()}/${s.id}/oauth2/v2.0/token`);
});

test("harness: the person signs in at the OpenID provider", async () => {
  const { url, tenant, clientId, scope } = testServers().oidc;
  const found = await fetch(`${url}/${tenant}/v2.0/.well-known/openid-configuration`);
  const { device_authorization_endpoint, token_endpoint } = await found.json();
  const begin = posting({ client_id: clientId, scope: `openid ${scope}` });
  const code = await (await fetch(device_authorization_endpoint, begin)).json();
  await approve({ verificationUri: code.verification_uri, userCode: code.user_code });
  const form = {
    client_id: clientId,
    grant_type: DEVICE_CODE_GRANT,
    device_code: code.device_code,
  };
  const tokens = await (await fetch(token_endpoint, posting(form))).json();
  ok(tokens.access_token);
});
