/** Against a real OpenID provider, which rotates refresh tokens and takes the second use of one for theft. */

import { DeviceCodeCredential } from "entra-device-code";
import { deepEqual, equal, match, notEqual, ok, rejects } from "../base/harness/assert.js";
import { approve, deny } from "../base/harness/person.js";
import { testServers } from "../base/harness/servers.js";
import { test } from "../base/harness/suite.js";
import { memoryPlugin } from "./arrange.js";

/** No claims in particular, but some: so that the token is renewed. */
const RENEW = (n) => ({ claims: JSON.stringify({ userinfo: { [`n${n}`]: null } }) });

function create(options = {}) {
  const { url, tenant, clientId } = testServers().oidc;
  const prompts = [];
  const credential = new DeviceCodeCredential(clientId, {
    authority: url,
    tenantId: tenant,
    disableInstanceDiscovery: true,
    userPromptCallback: (info) => {
      prompts.push(info);
      return approve(info);
    },
    ...options,
  });
  return { credential, prompts };
}

test("OpenID provider: a sign-in, and renewals with rotated refresh tokens", async () => {
  const { scope } = testServers().oidc;
  const { credential, prompts } = create();
  const first = await credential.getToken(scope);
  equal(prompts.length, 1);
  match(prompts[0].verificationUriComplete, /user_code=/);
  ok(prompts[0].message.includes(prompts[0].userCode), prompts[0].message);
  equal((await credential.getToken(scope)).token, first.token);
  const seen = new Set([first.token]);
  for (let n = 1; n <= 3; n++) seen.add((await credential.getToken(scope, RENEW(n))).token);
  equal(seen.size, 4);
  equal(prompts.length, 1);
});

test("OpenID provider: concurrent renewals never spend a refresh token twice", async () => {
  const { scope } = testServers().oidc;
  const { credential, prompts } = create();
  await credential.getToken(scope);
  const calls = [1, 2, 3, 4, 5].map((n) => credential.getToken(scope, RENEW(n)));
  const tokens = await Promise.all(calls);
  equal(new Set(tokens.map(({ token }) => token)).size, 5);
  // Had one been spent twice, the provider would have revoked them all.
  await credential.getToken(scope, RENEW(6));
  equal(prompts.length, 1);
});

test("OpenID provider: a scope that was not consented to needs the user again", async () => {
  const { scope } = testServers().oidc;
  const { credential, prompts } = create();
  const narrow = await credential.getToken("openid");
  const wide = await credential.getToken(scope);
  notEqual(wide.token, narrow.token);
  equal(prompts.length, 2);
  equal((await credential.getToken(scope)).token, wide.token);
  await credential.getToken(scope, RENEW(1));
  equal(prompts.length, 2);
});

test("OpenID provider: authenticate, and the next process starts from its record", async () => {
  const { scope } = testServers().oidc;
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const { credential } = create({ cachePersistenceOptions });
  const authenticationRecord = await credential.authenticate({ scopes: [scope] });
  const { url, tenant, clientId } = testServers().oidc;
  const { username, tenantId, authority, homeAccountId } = authenticationRecord;
  deepEqual(
    { username, tenantId, authority, clientId: authenticationRecord.clientId },
    {
      username: "ada@contoso.com",
      tenantId: `${tenant}/v2.0`,
      authority: new URL(url).host,
      clientId,
    },
  );
  ok(homeAccountId);
  const next = create({
    authenticationRecord,
    cachePersistenceOptions,
    disableAutomaticAuthentication: true,
  });
  await next.credential.getToken(scope);
  await next.credential.getToken(scope, RENEW(1));
  equal(next.prompts.length, 0);
});

test("OpenID provider: the user says no", async () => {
  const { credential } = create({ userPromptCallback: deny });
  const error = await rejects(credential.getToken(testServers().oidc.scope), {
    name: "AuthenticationError",
    statusCode: 400,
    hint: /declined/,
  });
  equal(error.errorResponse.error, "access_denied");
});
