/** Whole sign-ins, at every kind of authority. */

import { AzureAuthorityHosts, DeviceCodeCredential } from "entra-device-code";
import { deepEqual, equal, match, ok, rejects } from "../base/harness/assert.js";
import { testServers } from "../base/harness/servers.js";
import { test } from "../base/harness/suite.js";
import { WELL_KNOWN } from "../base/harness/well-known.js";
import { ARM, arrange, GRAPH, REFUSE_CODES } from "./arrange.js";

test("sign-in: at the default authority, without discovery", async (t) => {
  const { s, create, prompts } = await arrange(t);
  const token = await create().getToken(GRAPH);
  equal(token.tokenType, "Bearer");
  equal(token.token.split(".").length, 3);
  const left = token.expiresOnTimestamp - Date.now();
  ok(left > 3_500_000 && left < 3_600_000, `expires in ${left} ms`);
  equal(token.refreshAfterTimestamp, undefined);
  equal(prompts.length, 1);
  deepEqual(
    (await s.requests()).map(({ method, host, path }) => `${method} ${host}${path}`),
    [
      "POST login.microsoftonline.com/organizations/oauth2/v2.0/devicecode",
      "POST login.microsoftonline.com/organizations/oauth2/v2.0/token",
    ],
  );
});

test("sign-in: polls until the user has entered the code", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: null, enforceInterval: true });
  const pending = create().getToken(GRAPH);
  await s.waitForRequests(2, { endpoint: "token" });
  equal(await s.approve(), 1);
  equal((await pending).tokenType, "Bearer");
  const polls = await s.requests("token");
  deepEqual(
    polls.map(({ status }) => status),
    [400, 400, 200],
  );
});

test("sign-in: a token says when the service would like it renewed", async (t) => {
  const { create } = await arrange(t, { refreshIn: 1800 });
  const { refreshAfterTimestamp, expiresOnTimestamp } = await create().getToken(GRAPH);
  const after = expiresOnTimestamp - refreshAfterTimestamp;
  ok(after >= 1_798_000 && after <= 1_800_000, `${after} ms before it expires`);
});

test("sign-in: at an unknown host, after discovery, which is done once", async (t) => {
  const { s, create } = await arrange(t, { knownHosts: ["localhost"] });
  const credential = create({ authority: s.authority(), tenantId: s.id });
  await credential.getToken(GRAPH);
  await credential.getToken(ARM);
  const requests = await s.requests();
  deepEqual(
    requests.map(({ endpoint }) => endpoint),
    ["instance", "openid", "devicecode", "token", "refresh"],
  );
  const [instance, openid] = requests;
  equal(instance.method, "GET");
  equal(instance.host, "login.microsoftonline.com");
  equal(instance.path, "/common/discovery/instance");
  deepEqual(instance.query, {
    "api-version": "1.1",
    authorization_endpoint: `https://localhost/${s.id}/oauth2/v2.0/authorize`,
  });
  equal(openid.path, `/${s.id}/v2.0/.well-known/openid-configuration`);
});

test("sign-in: a host that Microsoft does not know is refused, with the way to trust it", async (t) => {
  const { s, create, asked } = await arrange(t);
  const credential = create({ authority: s.authority(), tenantId: s.id });
  await rejects(credential.getToken(GRAPH), {
    name: "AuthenticationError",
    message: /disableInstanceDiscovery/,
    statusCode: 400,
  });
  deepEqual(await asked(), ["instance"]);
});

test("sign-in: a trusted host is not asked about, and the host's own fetch is used", async (t) => {
  const { s, options, asked } = await arrange(t);
  const { fetch: _, ...rest } = options({
    authority: s.authority(),
    tenantId: s.id,
    disableInstanceDiscovery: true,
  });
  const token = await new DeviceCodeCredential(rest).getToken(GRAPH);
  equal(token.tokenType, "Bearer");
  deepEqual(await asked(), ["openid", "devicecode", "token"]);
});

test("sign-in: at a provider whose metadata's address is given, with the scopes it knows", async (t) => {
  const { s, create } = await arrange(t);
  const credential = create({
    metadataUrl: `https://id.contoso.com/${s.id}/v2.0/.well-known/openid-configuration`,
    excludeScopes: ["offline_access", "profile"],
  });
  await credential.getToken("read");
  const requests = await s.requests();
  deepEqual(
    requests.map(({ method, endpoint }) => `${method} ${endpoint}`),
    ["GET openid", "POST devicecode", "POST token"],
  );
  equal(requests[1].form.scope, "openid read");
});

test("sign-in: at a provider whose metadata's address is given, a record names no other", async (t) => {
  const { s, create, asked } = await arrange(t);
  const authenticationRecord = {
    authority: "id.contoso.com",
    clientId: "client",
    homeAccountId: "ada",
    tenantId: "realms/staff",
    username: "ada",
  };
  const metadataUrl = `https://id.contoso.com/${s.id}/v2.0/.well-known/openid-configuration`;
  await create({ metadataUrl, authenticationRecord }).getToken("read");
  deepEqual(await asked(), ["openid", "devicecode", "token"]);
});

test("sign-in: at ADFS, which has neither instance discovery nor a version in its paths", async (t) => {
  const { s, create } = await arrange(t);
  await create({ authority: "adfs.contoso.com", tenantId: "adfs" }).getToken("api/.default");
  deepEqual(
    (await s.requests()).map(({ host, path }) => host + path),
    [
      "adfs.contoso.com/adfs/.well-known/openid-configuration",
      "adfs.contoso.com/adfs/oauth2/devicecode",
      "adfs.contoso.com/adfs/oauth2/token",
    ],
  );
});

for (const host of ["contoso.ciamlogin.com", "contoso.b2clogin.com"]) {
  test(`sign-in: instance discovery is not asked about ${host}`, async (t) => {
    const { create, asked } = await arrange(t, REFUSE_CODES);
    const credential = create({ authority: host, tenantId: "contoso.onmicrosoft.com" });
    await rejects(credential.getToken(GRAPH), { name: "AuthenticationError" });
    deepEqual(await asked(), ["openid", "devicecode"]);
  });
}

test("sign-in: the well-known hosts are built in", async (t) => {
  const { s, create } = await arrange(t, REFUSE_CODES);
  for (const authority of WELL_KNOWN) {
    await rejects(create({ authority, tenantId: "contoso.com" }).getToken(GRAPH), {
      statusCode: 401,
    });
  }
  deepEqual(
    (await s.requests()).map(({ endpoint, host, path }) => `${endpoint} ${host}${path}`),
    WELL_KNOWN.map((host) => `devicecode ${host}/contoso.com/oauth2/v2.0/devicecode`),
  );
});

test("sign-in: AzureAuthorityHosts are authorities", async (t) => {
  const { s, create } = await arrange(t, REFUSE_CODES);
  for (const authority of Object.values(AzureAuthorityHosts)) {
    await rejects(create({ authority }).getToken(GRAPH), { statusCode: 401 });
  }
  deepEqual(
    (await s.requests("devicecode")).map(({ host }) => host),
    Object.values(AzureAuthorityHosts).map((authority) => authority.replace("https://", "")),
  );
});

const UNUSABLE_METADATA = {
  "an http token endpoint": [{ set: { token_endpoint: "http://contoso.com/token" } }, /https/],
  "an http device endpoint": [
    { set: { device_authorization_endpoint: "http://contoso.com/devicecode" } },
    /https/,
  ],
  "no token endpoint": [{ omit: ["token_endpoint"] }, /token_endpoint/],
  "no device endpoint": [
    { omit: ["device_authorization_endpoint"] },
    /device_authorization_endpoint/,
  ],
  "a page": [{ text: "<html>Sign in</html>" }, /metadata/i],
};

for (const [what, [reply, message]] of Object.entries(UNUSABLE_METADATA)) {
  test(`sign-in: metadata with ${what} is refused`, async (t) => {
    const { create, asked } = await arrange(t, { replies: { openid: [reply] } });
    const credential = create({ authority: "id.contoso.com", disableInstanceDiscovery: true });
    await rejects(credential.getToken(GRAPH), { name: "AuthenticationError", message });
    deepEqual(await asked(), ["openid"]);
  });
}

test("sign-in: a credential works on after a failure", async (t) => {
  const { create } = await arrange(t, { replies: { devicecode: [{ error: 50059 }] } });
  const credential = create();
  await rejects(credential.getToken(GRAPH), { statusCode: 400 });
  equal((await credential.getToken(GRAPH)).tokenType, "Bearer");
});

test("sign-in: getToken works where the server sends no id token, authenticate does not", async (t) => {
  const reply = { default: true, omit: ["id_token", "client_info"] };
  const { create, prompts } = await arrange(t, { replies: { token: [reply, reply] } });
  const credential = create();
  const { token } = await credential.getToken(GRAPH);
  equal((await credential.getToken(GRAPH)).token, token);
  equal(prompts.length, 1);
  await rejects(credential.authenticate({ scopes: [GRAPH] }), {
    name: "AuthenticationError",
    message: /AuthenticationRecord/,
  });
});

test("sign-in: the runtime is named to the service", async (t) => {
  const { s, create } = await arrange(t, REFUSE_CODES);
  await rejects(create().getToken(GRAPH));
  const [{ headers }] = await s.requests();
  match(headers["x-client-os"], /\S/, testServers().runtime);
});
