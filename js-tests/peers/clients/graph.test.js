/** Microsoft Graph's client, against a Graph of ours. */

import { Client } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";
import { deepEqual, equal, rejects } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { arrange, askedScopes, SIGN_IN } from "./arrange.js";
import { claimsChallenge, startResource } from "./resource.js";

const SCOPES = ["https://graph.microsoft.com/User.Read", "https://graph.microsoft.com/Mail.Read"];
const CLAIMS = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

/** Who asks, for tokens that are Graph's. */
function answerMe({ path, payload }) {
  const { aud, upn, oid } = payload;
  if (aud !== "https://graph.microsoft.com") {
    return { status: 401, json: { error: { code: "InvalidAuthenticationToken", message: aud } } };
  }
  if (path !== "/v1.0/me") return { status: 404 };
  return { json: { id: oid, userPrincipalName: upn } };
}

function graph(url, credential, getTokenOptions) {
  const options = { scopes: SCOPES, getTokenOptions };
  const authProvider = new TokenCredentialAuthenticationProvider(credential, options);
  // Other hosts than Microsoft's get no token unless they are named.
  const customHosts = new Set([new URL(url).hostname]);
  return Client.initWithMiddleware({ authProvider, baseUrl: `${url}/`, customHosts });
}

test("graph: who signed in gets /me", async (t) => {
  const { s, create, prompts, asked } = await arrange(t);
  const { url, calls } = await startResource(t, answerMe);
  const client = graph(url, create());
  const me = await client.api("/me").get();
  deepEqual(me, { id: s.user.oid, userPrincipalName: s.user.username });
  deepEqual(await client.api("/me").get(), me);
  equal(calls[0].token, calls[1].token);
  equal(prompts.length, 1);
  deepEqual(await asked(), SIGN_IN);
  const [, device] = await s.requests();
  deepEqual(askedScopes(device), SCOPES.toSorted());
});

test("graph: requests at once share a prompt", async (t) => {
  const { s, create, prompts, asked } = await arrange(t, { approveAfterPolls: 1 });
  const { url } = await startResource(t, answerMe);
  const client = graph(url, create());
  const found = await Promise.all([1, 2, 3].map(() => client.api("/me").get()));
  deepEqual(
    found.map(({ id }) => id),
    [s.user.oid, s.user.oid, s.user.oid],
  );
  equal(prompts.length, 1);
  deepEqual(await asked(), [...SIGN_IN, "token"]);
});

test("graph: an app answers a claims challenge with the token options", async (t) => {
  const { s, create, prompts, asked } = await arrange(t);
  const { url } = await startResource(t, (call) =>
    call.n === 0 ? claimsChallenge(CLAIMS) : answerMe(call),
  );
  const credential = create();
  const get = (options) => graph(url, credential, options).api("/me").get();
  const error = await rejects(get(), { statusCode: 401 });
  const [, encoded] = /claims="([^"]+)"/.exec(error.headers.get("www-authenticate")) ?? [];
  const me = await get({ claims: Buffer.from(encoded, "base64").toString() });
  equal(me.id, s.user.oid);
  equal(prompts.length, 1);
  deepEqual(await asked(), [...SIGN_IN, "refresh"]);
  const [refresh] = await s.requests("refresh");
  deepEqual(JSON.parse(refresh.form.claims), JSON.parse(CLAIMS));
});

test("graph: a refusal of Entra reaches the app", async (t) => {
  const { create } = await arrange(t, { replies: { devicecode: [{ error: 7000218 }] } });
  const { url, calls } = await startResource(t, answerMe);
  const getting = graph(url, create()).api("/me").get();
  await rejects(getting, (error) => /7000218/.test(error.message));
  equal(calls.length, 0);
});
