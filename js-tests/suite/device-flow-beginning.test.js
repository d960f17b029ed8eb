/** How a sign-in begins that somebody else goes on with. */

import { AuthenticationRecord } from "entra-device-code";
import { deepEqual, equal, match, notEqual, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import {
  ARM,
  arrange,
  DEVICE_CODE_GRANT,
  GRAPH,
  REFUSE_CODES,
  RESERVED,
  VAULT,
} from "./arrange.js";
import { ONCE, SILENTLY, sleep, stored } from "./device-flows.js";

test("device flow: it begins as a plain object, and nobody is prompted or polls", async (t) => {
  const { create, prompts, log, asked } = await arrange(t);
  const before = Date.now();
  const flow = await create().initiateDeviceFlow(GRAPH);
  const after = Date.now();

  const { verificationUri, clientId, authority, tenantId, scopes, interval, version } = flow;
  deepEqual(
    { verificationUri, clientId, authority, tenantId, scopes, interval, version },
    {
      verificationUri: "https://microsoft.com/devicelogin",
      clientId: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
      authority: "https://login.microsoftonline.com",
      tenantId: "organizations",
      scopes: [GRAPH],
      interval: 1,
      version: "1",
    },
  );
  const { userCode, deviceCode, message, integrity } = flow;
  const { expiresOnTimestamp, pollAfterTimestamp } = flow;
  match(userCode, /^[A-Z0-9]{9}$/);
  ok(message.includes(userCode), message);
  match(deviceCode, /^\S{100,}$/);
  match(integrity, /^\S{16,}$/);
  // By the local clock, from when the reply came.
  const since = (timestamp, ms) => timestamp >= before + ms && timestamp <= after + ms;
  ok(since(expiresOnTimestamp, 900_000), `expires ${expiresOnTimestamp - after} ms later`);
  ok(since(pollAfterTimestamp, 1000), `polls ${pollAfterTimestamp - after} ms later`);
  equal(Object.getPrototypeOf(flow), Object.prototype);

  await sleep(1500);
  deepEqual(await asked(), ["devicecode"]);
  equal(prompts.length, 0);
  ok(!log.some((line) => line.includes(deviceCode)));
});

const COPIES = {
  JSON: stored,
  structuredClone: (flow) => structuredClone(flow),
  "Object.freeze": (flow) => Object.freeze({ ...flow, scopes: Object.freeze([...flow.scopes]) }),
  "a store that sorts the members": (flow) =>
    Object.fromEntries(Object.entries(stored(flow)).sort(([a], [b]) => (a < b ? 1 : -1))),
};

for (const [means, copy] of Object.entries(COPIES)) {
  test(`device flow: by way of ${means}, a new credential goes on to the end`, async (t) => {
    const { s, create, prompts, asked } = await arrange(t, { approveAfterPolls: 1 });
    const begun = await create().initiateDeviceFlow(GRAPH);
    const flow = copy(begun);
    deepEqual(flow, begun);
    const result = await create().acquireTokenByDeviceFlow(flow);

    const { token, expiresOnTimestamp, authenticationRecord, ...rest } = result;
    deepEqual(rest, { status: "succeeded", tokenType: "Bearer" });
    match(token, /^ey/);
    const left = expiresOnTimestamp - Date.now();
    ok(left > 3_500_000 && left <= 3_600_000, `it lives for ${left} ms`);
    ok(authenticationRecord instanceof AuthenticationRecord);
    deepEqual(
      { ...authenticationRecord },
      {
        authority: "login.microsoftonline.com",
        clientId: flow.clientId,
        homeAccountId: `${s.user.oid}.${s.user.tid}`,
        tenantId: s.user.tid,
        username: s.user.username,
      },
    );
    equal(prompts.length, 0);
    deepEqual(await asked(), ["devicecode", "token", "token"]);
    deepEqual(flow, begun);
  });
}

test("device flow: the requests are those of a sign-in, under one id", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: 1 });
  const flow = await create().initiateDeviceFlow(GRAPH);
  await create().acquireTokenByDeviceFlow(stored(flow));
  const [device, ...polls] = await s.requests();
  const { clientId, deviceCode } = flow;
  deepEqual(device.form, { client_id: clientId, scope: `${GRAPH} ${RESERVED}` });
  for (const { form, host, path } of polls) {
    equal(`${host}${path}`, "login.microsoftonline.com/organizations/oauth2/v2.0/token");
    deepEqual(form, {
      client_id: clientId,
      grant_type: DEVICE_CODE_GRANT,
      device_code: deviceCode,
      code: deviceCode,
      client_info: "1",
    });
  }
  const ids = [device, ...polls].map(({ headers }) => headers["client-request-id"]);
  match(ids[0], /^[0-9a-f-]{36}$/);
  equal(new Set(ids).size, 1);
});

test("device flow: a token's refreshAfterTimestamp comes with it", async (t) => {
  const { create } = await arrange(t, { refreshIn: 60 });
  const flow = await create().initiateDeviceFlow(GRAPH);
  const { refreshAfterTimestamp } = await create().acquireTokenByDeviceFlow(flow, ONCE);
  const left = refreshAfterTimestamp - Date.now();
  ok(left > 30_000 && left <= 60_000, `renewal in ${left} ms`);
});

test("device flow: scopes come in all the forms that getToken takes", async (t) => {
  const { s, create } = await arrange(t);
  const credential = create();
  const flows = [
    await credential.initiateDeviceFlow("a", "b"),
    await credential.initiateDeviceFlow(["a", "b"]),
    await credential.initiateDeviceFlow("a", "b", { enableCae: false }),
    await credential.initiateDeviceFlow(["a", "b"], {}),
  ];
  for (const { scopes } of flows) deepEqual(scopes, ["a", "b"]);
  const requests = await s.requests("devicecode");
  equal(requests.length, 4);
  for (const { form } of requests) equal(form.scope, `a b ${RESERVED}`);
});

test("device flow: scopes that the caller changes meanwhile are not those that were asked for", async (t) => {
  const { create } = await arrange(t);
  const credential = create();
  const scopes = [GRAPH];
  const beginning = credential.initiateDeviceFlow(scopes);
  scopes.push(ARM);
  const flow = await beginning;
  deepEqual(flow.scopes, [GRAPH]);
  scopes.push(VAULT);
  equal((await credential.acquireTokenByDeviceFlow(flow)).status, "succeeded");
});

test("device flow: what the server says is what there is to show", async (t) => {
  const complete = "https://microsoft.com/devicelogin?user_code=A";
  const message = 'Gehe zu "…" \\ \u2028 \u0000 \u{1f511}';
  const devicecode = [
    { set: { verification_uri_complete: complete, message } },
    { omit: ["message", "interval"] },
  ];
  const { create } = await arrange(t, { replies: { devicecode } });
  const first = await create().initiateDeviceFlow(GRAPH);
  equal(first.verificationUriComplete, complete);
  // Without what a terminal would take for something else.
  equal(first.message, 'Gehe zu "…" \\   \u{1f511}');
  equal((await create().acquireTokenByDeviceFlow(stored(first))).status, "succeeded");
  const second = await create().initiateDeviceFlow(GRAPH);
  ok(!("verificationUriComplete" in second));
  ok(second.message.includes(second.userCode) && second.message.includes(second.verificationUri));
  equal(second.interval, 5);
});

test("device flow: it ends with the code or the timeout, whichever is sooner", async (t) => {
  const { create } = await arrange(t, { expiresIn: 100 });
  for (const [timeout, seconds] of [
    [undefined, 100],
    [20, 20],
    [200, 100],
  ]) {
    const { expiresOnTimestamp } = await create({ timeout }).initiateDeviceFlow(GRAPH);
    const left = expiresOnTimestamp - Date.now();
    ok(left > (seconds - 10) * 1000 && left <= seconds * 1000, `${left} ms of ${seconds} s`);
  }
});

test("device flow: one who may not prompt may begin a flow and go on with it", async (t) => {
  const { create } = await arrange(t);
  const credential = create(SILENTLY);
  const flow = await credential.initiateDeviceFlow(GRAPH);
  const { token } = await credential.acquireTokenByDeviceFlow(flow);
  equal((await credential.getToken(GRAPH)).token, token);
});

test("device flow: wrong arguments of initiateDeviceFlow are TypeErrors, and nothing is sent", async (t) => {
  const { create, asked } = await arrange(t);
  const credential = create();
  for (const [args, name] of [
    [[], "scopes"],
    [[[]], "scopes"],
    [[{}], "scopes"],
    [[7], "scopes"],
    [[" "], "scopes"],
    [[GRAPH, { claims: {} }], "claims"],
    [[GRAPH, { claims: "no JSON" }], "claims"],
    [[GRAPH, { tenantId: 7 }], "tenantId"],
    [[GRAPH, { enableCae: "yes" }], "enableCae"],
    [[GRAPH, { abortSignal: {} }], "abortSignal"],
  ]) {
    const error = await rejects(credential.initiateDeviceFlow(...args), TypeError);
    match(error.message, new RegExp(`\`${name}\``));
  }
  deepEqual(await asked(), []);
});

test("device flow: the server refuses a code", async (t) => {
  const { create, asked } = await arrange(t, REFUSE_CODES);
  await rejects(create().initiateDeviceFlow(GRAPH), {
    name: "AuthenticationError",
    statusCode: 401,
    hint: /public client flows/,
  });
  deepEqual(await asked(), ["devicecode"]);
});

test("device flow: two that are begun at once are two, and either ends by itself", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: null });
  const credential = create();
  const [one, other] = await Promise.all([
    credential.initiateDeviceFlow(GRAPH),
    credential.initiateDeviceFlow(GRAPH),
  ]);
  for (const name of ["userCode", "deviceCode", "integrity"]) {
    notEqual(one[name], other[name], name);
  }
  equal(await s.approve(other.userCode), 1);
  equal((await credential.acquireTokenByDeviceFlow(one, ONCE)).status, "pending");
  equal((await credential.acquireTokenByDeviceFlow(other, ONCE)).status, "succeeded");
  equal((await credential.acquireTokenByDeviceFlow(one, ONCE)).status, "pending");
});

for (const [where, authority] of [
  ["Microsoft's cloud", undefined],
  ["an authority that is discovered", "id.contoso.com"],
]) {
  test(`device flow: whoever begins one waits for nobody's prompt, at ${where}`, async (t) => {
    const { s, create, prompts } = await arrange(t, {
      approveAfterPolls: 2,
      knownHosts: ["id.contoso.com"],
    });
    const credential = create({ authority });
    const over = [];
    const [, flow] = await Promise.all([
      credential.getToken(GRAPH).finally(() => over.push("getToken")),
      credential.initiateDeviceFlow(ARM).finally(() => over.push("initiateDeviceFlow")),
    ]);
    deepEqual(over, ["initiateDeviceFlow", "getToken"]);
    equal(prompts.length, 1);
    notEqual(flow.userCode, prompts[0].userCode);
    equal((await s.requests("devicecode")).length, 2);
  });
}
