/** Resources that answer 401 and say what they want: claims, or a token of another tenant. */

import { authorizeRequestOnClaimChallenge, ServiceClient } from "@azure/core-client";
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import { DeviceCodeCredential as TheirCredential } from "@azure/identity";
import { ContainerClient } from "@azure/storage-blob";
import { deepEqual, equal, notEqual, rejects } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { arrange, SIGN_IN } from "./arrange.js";
import { claimsChallenge, startResource } from "./resource.js";

const SCOPE = "https://api.contoso.com/.default";
const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
const CP1 = { xms_cc: { values: ["CP1"] } };

/** What an SDK's client makes of a credential. */
function pipelineOf(credential, challengeCallbacks) {
  const pipeline = createPipelineFromOptions({});
  const options = { credential, scopes: SCOPE, challengeCallbacks };
  pipeline.addPolicy(bearerTokenAuthenticationPolicy(options));
  const http = createDefaultHttpClient();
  return (url) => pipeline.sendRequest(http, createPipelineRequest({ url }));
}

const CLIENTS = {
  "core-rest-pipeline": (credential) => pipelineOf(credential),
  "core-rest-pipeline with core-client's callback": (credential) =>
    pipelineOf(credential, { authorizeRequestOnChallenge: authorizeRequestOnClaimChallenge }),
  "core-client": (credential) => {
    const client = new ServiceClient({ credential, credentialScopes: SCOPE });
    return (url) => client.sendRequest(createPipelineRequest({ url }));
  },
};

for (const [name, connect] of Object.entries(CLIENTS)) {
  test(`challenge: ${name} takes claims to Entra, without a second prompt`, async (t) => {
    const { s, create, prompts, asked } = await arrange(t);
    const once = ({ n }) => (n === 0 ? claimsChallenge(CLAIMS) : { json: { is: "yours" } });
    const resource = await startResource(t, once);
    const send = connect(create());
    const { status, bodyAsText } = await send(resource.url);
    deepEqual([status, bodyAsText], [200, '{"is":"yours"}']);
    equal(prompts.length, 1);
    deepEqual(await asked(), [...SIGN_IN, "refresh"]);
    const [, device, poll, refresh] = await s.requests();
    const sent = [device, poll, refresh].map(({ form }) => JSON.parse(form.claims).access_token);
    deepEqual(sent, [CP1, CP1, { ...JSON.parse(CLAIMS).access_token, ...CP1 }]);

    const [first, second] = resource.calls;
    notEqual(first.token, second.token);
    deepEqual(second.payload.xms_cc, ["CP1"]);
    // The new token has taken the refused one's place.
    equal((await send(resource.url)).status, 200);
    equal(resource.calls[2].token, second.token);
    equal((await asked()).length, 4);
  });
}

test("challenge: a resource that is never content gets one more attempt, and no prompt", async (t) => {
  const { create, prompts, asked } = await arrange(t);
  const resource = await startResource(t, () => claimsChallenge(CLAIMS));
  const { status } = await CLIENTS["core-rest-pipeline"](create())(resource.url);
  equal(status, 401);
  equal(resource.calls.length, 2);
  equal(prompts.length, 1);
  deepEqual(await asked(), [...SIGN_IN, "refresh"]);
});

test("challenge: claims that the refresh token cannot meet are put to the user", async (t) => {
  const { s, create, prompts, asked } = await arrange(t, {
    replies: { refresh: [{ error: 50076 }] },
  });
  const resource = await startResource(t, ({ n }) => (n === 0 ? claimsChallenge(CLAIMS) : {}));
  equal((await CLIENTS["core-rest-pipeline"](create())(resource.url)).status, 200);
  equal(prompts.length, 2);
  deepEqual(await asked(), [...SIGN_IN, "refresh", "devicecode", "token"]);
  for (const { form } of (await s.requests()).slice(-2)) {
    deepEqual(JSON.parse(form.claims).access_token, { ...JSON.parse(CLAIMS).access_token, ...CP1 });
  }
});

test("challenge: an app that prompts by itself learns what to ask for", async (t) => {
  const { create, prompts, asked } = await arrange(t, { replies: { refresh: [{ error: 50076 }] } });
  const resource = await startResource(t, ({ n }) => (n === 0 ? claimsChallenge(CLAIMS) : {}));
  const credential = create({ disableAutomaticAuthentication: true });
  const send = CLIENTS["core-rest-pipeline"](credential);
  // As the README says it.
  const authenticateFor = (error) =>
    credential.authenticate({ scopes: error.scopes, ...error.getTokenOptions });
  const unknown = await rejects(send(resource.url), { name: "AuthenticationRequiredError" });
  deepEqual(unknown.scopes, [SCOPE]);
  equal(unknown.claims, undefined);
  equal(unknown.getTokenOptions.enableCae, true);
  await authenticateFor(unknown);

  const challenged = await rejects(send(resource.url), { name: "AuthenticationRequiredError" });
  equal(challenged.claims, CLAIMS);
  await authenticateFor(challenged);
  equal((await send(resource.url)).status, 200);
  equal(prompts.length, 2);
  deepEqual(await asked(), [...SIGN_IN, "refresh", "devicecode", "token"]);
});

test("challenge: an old service's, which the callback answers without CAE, needs no other sign-in", async (t) => {
  const prompts = { ours: 0, theirs: 0 };
  const makers = {
    ours: ({ create }) => create({ userPromptCallback: () => void prompts.ours++ }),
    theirs: ({ s }) =>
      new TheirCredential({
        authorityHost: s.authority(),
        tenantId: s.id,
        disableInstanceDiscovery: true,
        userPromptCallback: () => void prompts.theirs++,
      }),
  };
  const play = async (create) => {
    const arrangement = await arrange(t);
    const first = ({ n }) => (n === 0 ? claimsChallenge(CLAIMS, "invalid_token") : {});
    const resource = await startResource(t, first);
    const send = CLIENTS["core-rest-pipeline with core-client's callback"](create(arrangement));
    equal((await send(resource.url)).status, 200);
  };
  await Promise.all(Object.values(makers).map(play));
  // Theirs keeps the sign-ins of both kinds of session apart.
  deepEqual(prompts, { ours: 1, theirs: 2 });
});

test("challenge: storage's bearer challenge gets a token of the tenant it names", async (t) => {
  const { s, create, asked } = await arrange(t);
  const other = crypto.randomUUID();
  const wanted = [
    `Bearer authorization_uri=https://login.microsoftonline.com/${other}/oauth2/authorize`,
    "resource_id=https://storage.azure.com",
  ].join(" ");
  const resource = await startResource(t, ({ payload }) =>
    payload.tid === other ? {} : { status: 401, headers: { "www-authenticate": wanted } },
  );
  const own = { authority: undefined, fetch: s.fetch, tenantId: s.user.tid };
  const credential = create({ ...own, additionallyAllowedTenants: [other] });
  equal(await new ContainerClient(`${resource.url}/c`, credential).exists(), true);
  deepEqual(
    resource.calls.map(({ payload }) => payload.tid),
    [s.user.tid, other],
  );
  // The client answers this challenge without Continuous Access Evaluation: the sign-in serves all the same.
  deepEqual(await asked(), ["devicecode", "token", "refresh"]);
});
