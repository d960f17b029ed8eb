/** Every header and form field of whole sign-ins. */

import { deepEqual, equal, match, notEqual, ok } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, CLAIMS, DEVICE_CODE_GRANT, GRAPH, RESERVED } from "./arrange.js";

const DEFAULT_CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const CP1 = '{"access_token":{"xms_cc":{"values":["CP1"]}}}';
const BOTH =
  '{"access_token":{"nbf":{"essential":true,"value":"1604106651"},"xms_cc":{"values":["CP1"]}}}';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What runtimes send of their own accord. */
const TRANSPORT = new Set([
  "accept-encoding",
  "accept-language",
  "cf-worker",
  "connection",
  "content-length",
  "host",
  "sec-fetch-mode",
  "transfer-encoding",
  "user-agent",
]);

function own({ headers }) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !TRANSPORT.has(name)));
}

test("wire: a sign-in and a renewal, field by field", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: 1 });
  const credential = create();
  await credential.getToken("User.Read", "Mail.Read");
  await credential.getToken(ARM);
  const requests = await s.requests();
  const [device, firstPoll, secondPoll, refresh] = requests;
  deepEqual(
    requests.map(({ method, path, query }) => [method, path, query]),
    [
      ["POST", "/organizations/oauth2/v2.0/devicecode", {}],
      ["POST", "/organizations/oauth2/v2.0/token", {}],
      ["POST", "/organizations/oauth2/v2.0/token", {}],
      ["POST", "/organizations/oauth2/v2.0/token", {}],
    ],
  );

  deepEqual(device.form, {
    client_id: DEFAULT_CLIENT,
    scope: "Mail.Read User.Read offline_access openid profile",
  });
  const { device_code } = firstPoll.form;
  ok(device_code.length > 100);
  deepEqual(firstPoll.form, {
    client_id: DEFAULT_CLIENT,
    grant_type: DEVICE_CODE_GRANT,
    client_info: "1",
    device_code,
    code: device_code,
  });
  deepEqual(secondPoll.form, firstPoll.form);
  const { refresh_token } = refresh.form;
  match(refresh_token, /^1\./);
  deepEqual(refresh.form, {
    client_id: DEFAULT_CLIENT,
    grant_type: "refresh_token",
    client_info: "1",
    refresh_token,
    scope: `${ARM} ${RESERVED}`,
  });

  for (const request of requests) {
    const { "client-request-id": id, "x-client-os": os, "x-client-ver": version } = request.headers;
    match(id, UUID);
    match(os, /\S/);
    match(version, /^\d+\.\d+\.\d+/);
    const { user } = s;
    deepEqual(own(request), {
      accept: "application/json",
      "client-request-id": id,
      "content-type": "application/x-www-form-urlencoded",
      "x-client-os": os,
      "x-client-sku": "entra-device-code",
      "x-client-ver": version,
      "x-ms-lib-capability": "retry-after, h429",
      ...(request === refresh && { "x-anchormailbox": `Oid:${user.oid}@${user.tid}` }),
    });
  }
  const ids = requests.map(({ headers }) => headers["client-request-id"]);
  equal(ids[1], ids[0]);
  equal(ids[2], ids[0]);
  notEqual(ids[3], ids[0]);
});

test("wire: discovery carries the same headers, and no form", async (t) => {
  const { s, create } = await arrange(t, { knownHosts: ["id.contoso.com"] });
  await create({ authority: "id.contoso.com" }).getToken(GRAPH);
  const requests = await s.requests();
  const id = requests[0].headers["client-request-id"];
  match(id, UUID);
  for (const request of requests) equal(request.headers["client-request-id"], id);
  for (const request of requests.slice(0, 2)) {
    equal(request.method, "GET");
    deepEqual(request.form, {});
    const names = Object.keys(own(request)).sort();
    deepEqual(names, [
      "accept",
      "client-request-id",
      "x-client-os",
      "x-client-sku",
      "x-client-ver",
      "x-ms-lib-capability",
    ]);
  }
});

test("wire: a claims challenge goes with every request", async (t) => {
  const { s, create } = await arrange(t);
  const credential = create();
  await credential.getToken(GRAPH, { claims: CLAIMS });
  await credential.getToken(GRAPH, { claims: CLAIMS });
  deepEqual(
    (await s.requests()).map(({ endpoint, form }) => [endpoint, form.claims]),
    ["devicecode", "token", "refresh"].map((endpoint) => [endpoint, CLAIMS]),
  );
});

test("wire: Continuous Access Evaluation is a capability, merged into a challenge", async (t) => {
  const { s, create } = await arrange(t);
  const credential = create();
  await credential.getToken(GRAPH, { enableCae: true });
  await credential.getToken(GRAPH, { enableCae: true, claims: CLAIMS });
  deepEqual(
    (await s.requests()).map(({ endpoint, form }) => [endpoint, form.claims]),
    [
      ["devicecode", CP1],
      ["token", CP1],
      ["refresh", BOTH],
    ],
  );
});

test("wire: reserved scopes may be asked for, scopes are sent once and in order", async (t) => {
  const { s, create } = await arrange(t);
  await create().getToken(["openid", "User.Read", "User.Read", "offline_access"]);
  const [{ form }] = await s.requests("devicecode");
  equal(form.scope, "User.Read offline_access openid profile");
});

for (const [authority, scope] of [
  ["login.microsoftonline.com", "https://management.core.windows.net//.default"],
  ["login.chinacloudapi.cn", "https://management.core.chinacloudapi.cn//.default"],
  ["login.microsoftonline.us", "https://management.core.usgovcloudapi.net//.default"],
]) {
  test(`wire: authenticate asks for Azure Resource Manager of ${authority}`, async (t) => {
    const { s, create } = await arrange(t);
    await create({ authority }).authenticate();
    const [{ form }] = await s.requests("devicecode");
    equal(form.scope, `${scope} ${RESERVED}`);
  });
}
