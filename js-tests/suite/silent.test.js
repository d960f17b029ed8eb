/** Tokens without the user: from the cache, and with refresh tokens. */

import { AuthenticationRequiredError, CredentialUnavailableError } from "entra-device-code";
import { deepEqual, equal, notEqual, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, CLAIMS, fromNow, GRAPH, memoryPlugin, VAULT } from "./arrange.js";

const QUICK = { retryOptions: { retryDelayInMs: 1 } };

test("silent: a cached token is returned without a request", async (t) => {
  const { create, asked } = await arrange(t);
  const credential = create();
  const first = await credential.getToken(GRAPH);
  deepEqual(await credential.getToken(GRAPH), first);
  deepEqual(await credential.getToken([GRAPH, "openid"]), first);
  deepEqual(await credential.getToken("https://graph.microsoft.com/User.Read"), first);
  deepEqual(await asked(), ["devicecode", "token"]);
});

test("silent: another scope costs a refresh, not a prompt", async (t) => {
  const { create, asked, prompts } = await arrange(t);
  const credential = create();
  const graph = await credential.getToken(GRAPH);
  const arm = await credential.getToken(ARM);
  notEqual(arm.token, graph.token);
  equal((await credential.getToken(GRAPH)).token, graph.token);
  equal((await credential.getToken(ARM)).token, arm.token);
  deepEqual(await asked(), ["devicecode", "token", "refresh"]);
  equal(prompts.length, 1);
});

test("silent: refresh tokens rotate", async (t) => {
  const { s, create } = await arrange(t);
  const credential = create();
  for (const scope of [GRAPH, ARM, VAULT, "api://a/b"]) await credential.getToken(scope);
  const spent = (await s.requests("refresh")).map(({ form }) => form.refresh_token);
  equal(spent.length, 3);
  equal(new Set(spent).size, 3);
});

test("silent: a token with five minutes to live or less is renewed", async (t) => {
  const { create, asked } = await arrange(t, { tokenExpiresIn: 300 });
  const credential = create();
  const first = await credential.getToken(GRAPH);
  notEqual((await credential.getToken(GRAPH)).token, first.token);
  deepEqual(await asked(), ["devicecode", "token", "refresh"]);
});

test("silent: a token with more to live is not", async (t) => {
  const { create, asked } = await arrange(t, { tokenExpiresIn: 400 });
  const credential = create();
  const first = await credential.getToken(GRAPH);
  equal((await credential.getToken(GRAPH)).token, first.token);
  deepEqual(await asked(), ["devicecode", "token"]);
});

/** A credential whose cached token was changed by `change`, as time would. */
async function aged(t, config, change) {
  const arrangement = await arrange(t, config);
  const cachePlugin = memoryPlugin();
  const cachePersistenceOptions = { cachePlugin };
  // The record's tenant is the user's: a token for `organizations` would be another one.
  const { tid } = arrangement.s.user;
  const first = arrangement.create({ tenantId: tid, cachePersistenceOptions });
  const authenticationRecord = await first.authenticate({ scopes: GRAPH });
  cachePlugin.edit("AccessToken", change);
  const credential = arrangement.create({
    ...QUICK,
    authenticationRecord,
    cachePersistenceOptions,
  });
  const [{ secret }] = cachePlugin.rows("AccessToken");
  return { ...arrangement, credential, secret };
}

const AGING = (row) => {
  row.refresh_on = String(fromNow(-10));
};
const EXPIRING = (row) => {
  row.expires_on = String(fromNow(120));
};
const EXPIRED = (row) => {
  row.expires_on = String(fromNow(-10));
};

test("silent: past its refresh time a token is renewed", async (t) => {
  const { credential, secret, asked } = await aged(t, {}, AGING);
  notEqual((await credential.getToken(GRAPH)).token, secret);
  deepEqual(await asked(), ["devicecode", "token", "refresh"]);
});

test("silent: past its refresh time a token is returned as it is if renewing fails", async (t) => {
  for (const fault of [{ status: 503, text: "" }, { drop: "connect" }, { error: 65001 }]) {
    const replies = { refresh: [{ ...fault, repeat: "forever" }] };
    const { credential, secret, prompts } = await aged(t, { replies }, AGING);
    equal((await credential.getToken(GRAPH)).token, secret);
    equal(prompts.length, 1);
  }
});

test("silent: a token with little life is returned if the service can't be reached", async (t) => {
  const replies = { refresh: [{ status: 503, text: "", repeat: "forever" }] };
  const { credential, secret, prompts } = await aged(t, { replies }, EXPIRING);
  equal((await credential.getToken(GRAPH)).token, secret);
  equal(prompts.length, 1);
});

test("silent: a failed transport does not become a prompt", async (t) => {
  const replies = { refresh: [{ drop: "connect", repeat: "forever" }] };
  const { credential, prompts } = await aged(t, { replies }, EXPIRED);
  const error = await rejects(credential.getToken(GRAPH), { name: "AuthenticationError" });
  ok(error.cause !== undefined);
  equal(prompts.length, 1);
});

test("silent: a service that is down does not become a prompt", async (t) => {
  const replies = { refresh: [{ status: 503, text: "", repeat: "forever" }] };
  const { credential, prompts } = await aged(t, { replies }, EXPIRED);
  await rejects(credential.getToken(GRAPH), { name: "AuthenticationError", statusCode: 503 });
  equal(prompts.length, 1);
});

test("silent: a refused refresh token makes the user sign in again", async (t) => {
  const { s, create, prompts, asked } = await arrange(t);
  const credential = create();
  await credential.getToken(GRAPH);
  equal(await s.revoke(), 1);
  await credential.getToken(ARM);
  equal(prompts.length, 2);
  deepEqual(await asked(), ["devicecode", "token", "refresh", "devicecode", "token"]);
});

test("silent: claims renew a token that is still good, and are sent", async (t) => {
  const { s, create, prompts } = await arrange(t);
  const credential = create();
  const first = await credential.getToken(GRAPH);
  const second = await credential.getToken(GRAPH, { claims: CLAIMS });
  notEqual(second.token, first.token);
  equal((await s.requests("refresh"))[0].form.claims, CLAIMS);
  equal((await credential.getToken(GRAPH)).token, second.token);
  equal((await credential.getToken(GRAPH, { claims: "" })).token, second.token);
  equal(prompts.length, 1);
});

test("silent: claims that only the user can meet go with the next sign-in", async (t) => {
  const { s, create, prompts } = await arrange(t, { replies: { refresh: [{ error: 50076 }] } });
  const credential = create();
  await credential.getToken(GRAPH);
  await credential.getToken(GRAPH, { claims: CLAIMS });
  equal(prompts.length, 2);
  deepEqual(
    (await s.requests()).map(({ endpoint, form }) => [endpoint, form.claims]),
    [
      ["devicecode", undefined],
      ["token", undefined],
      ["refresh", CLAIMS],
      ["devicecode", CLAIMS],
      ["token", CLAIMS],
    ],
  );
});

test("silent: Continuous Access Evaluation has a cache of its own", async (t) => {
  const { create, prompts, asked } = await arrange(t);
  const credential = create();
  const plain = await credential.getToken(GRAPH);
  const cae = await credential.getToken(GRAPH, { enableCae: true });
  // One sign-in does: the refresh token gets either kind.
  equal(prompts.length, 1);
  notEqual(cae.token, plain.token);
  equal((await credential.getToken(GRAPH)).token, plain.token);
  equal((await credential.getToken(GRAPH, { enableCae: true })).token, cae.token);
  deepEqual(await asked(), ["devicecode", "token", "refresh"]);
  const claimsOf = ({ token }) =>
    JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  deepEqual(claimsOf(cae).xms_cc, ["CP1"]);
  equal(claimsOf(plain).xms_cc, undefined);
});

test("silent: a token of the family serves its other applications", async (t) => {
  const { create, prompts } = await arrange(t, { foci: true });
  const cachePersistenceOptions = { cachePlugin: memoryPlugin() };
  const first = create({ clientId: "first-app", cachePersistenceOptions });
  const record = await first.authenticate({ scopes: GRAPH });
  const second = create({
    authenticationRecord: { ...record, clientId: "second-app" },
    cachePersistenceOptions,
  });
  equal((await second.getToken(GRAPH)).tokenType, "Bearer");
  equal(prompts.length, 1);
});

test("silent: disableAutomaticAuthentication says what to authenticate for", async (t) => {
  const { create, asked, prompts } = await arrange(t);
  const credential = create({ disableAutomaticAuthentication: true });
  const options = { claims: CLAIMS, tenantId: "contoso.com", enableCae: true };
  const error = await rejects(credential.getToken("b", "a", options), AuthenticationRequiredError);
  ok(error instanceof CredentialUnavailableError);
  equal(error.name, "AuthenticationRequiredError");
  deepEqual(error.scopes, ["b", "a"]);
  equal(error.claims, CLAIMS);
  deepEqual(error.getTokenOptions, options);
  deepEqual(await asked(), []);

  await credential.authenticate(error.scopes, error.getTokenOptions);
  equal(prompts.length, 1);
  const { claims: _, ...rest } = options;
  equal((await credential.getToken(error.scopes, rest)).tokenType, "Bearer");
  equal(prompts.length, 1);
});

test("silent: disableAutomaticAuthentication, with what the server said", async (t) => {
  const { s, create, prompts } = await arrange(t);
  const credential = create({ disableAutomaticAuthentication: true });
  await credential.authenticate({ scopes: GRAPH });
  await s.revoke();
  const error = await rejects(credential.getToken(ARM), {
    name: "AuthenticationRequiredError",
    statusCode: 400,
    hint: /authenticate/,
  });
  equal(error.errorResponse.error, "invalid_grant");
  deepEqual(error.scopes, [ARM]);
  equal(error.claims, undefined);
  deepEqual(error.getTokenOptions, {});
  equal(prompts.length, 1);
});
