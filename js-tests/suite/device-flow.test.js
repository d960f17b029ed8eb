/** Sign-ins that one credential begins and another goes on with. */

import { AuthenticationRecord } from "entra-device-code";
import { deepEqual, doesNotMatch, equal, match, notEqual, ok, rejects } from "../harness/assert.js";
import { test } from "../harness/suite.js";
import {
  ARM,
  arrange,
  CLAIMS,
  DEVICE_CODE_GRANT,
  deferred,
  GRAPH,
  memoryPlugin,
  REFUSE_CODES,
  RESERVED,
  VAULT,
} from "./arrange.js";

const SILENTLY = { disableAutomaticAuthentication: true };
const ONCE = { once: true };
const REASON = new RangeError("the user closed the window");

/** As a store or a queue gives it back. */
function stored(flow) {
  return JSON.parse(JSON.stringify(flow));
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The ways to go on. What ends a flow ends it in either. */
const WAYS = { "to the end": {}, once: ONCE };

// Beginning.

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
  equal(first.message, message);
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

// Going on.

test("device flow: polls wait until they are due, by the flow's own clock", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: 1, interval: 2 });
  const early = await create().initiateDeviceFlow(GRAPH);
  await create().acquireTokenByDeviceFlow(stored(early));
  const [device, first, second] = await s.requests();
  for (const wait of [first.at - device.repliedAt, second.at - first.repliedAt]) {
    ok(wait > 1900 && wait < 3500, `waited ${wait} ms`);
  }
});

test("device flow: a poll that is overdue goes out at once", async (t) => {
  const { create } = await arrange(t, { interval: 2 });
  const flow = await create().initiateDeviceFlow(GRAPH);
  await sleep(2100);
  const started = performance.now();
  await create().acquireTokenByDeviceFlow(flow);
  const took = performance.now() - started;
  ok(took < 1500, `took ${took} ms`);
});

test("device flow: once polls once, at once, and tells when to poll again", async (t) => {
  const { create, asked } = await arrange(t, { approveAfterPolls: 2, interval: 30 });
  let flow = await create().initiateDeviceFlow(GRAPH);
  const begun = flow;
  for (const polls of [1, 2]) {
    const pending = await create().acquireTokenByDeviceFlow(stored(flow), ONCE);
    const now = Date.now();
    equal((await asked()).length, 1 + polls);
    deepEqual(Object.keys(pending).sort(), ["flow", "retryAfter", "status"]);
    equal(pending.status, "pending");
    const { retryAfter } = pending;
    ok(retryAfter > 25_000 && retryAfter <= 30_000, `poll again after ${retryAfter} ms`);
    const due = pending.flow.pollAfterTimestamp - now;
    ok(Math.abs(due - retryAfter) < 1000, `due in ${due} ms`);
    ({ flow } = pending);
  }
  const { pollAfterTimestamp: _, integrity: __, ...same } = begun;
  const { pollAfterTimestamp, integrity, ...now } = flow;
  deepEqual(now, same);
  ok(pollAfterTimestamp >= begun.pollAfterTimestamp);
  notEqual(integrity, begun.integrity);
  const { status, tokenType } = await create().acquireTokenByDeviceFlow(stored(flow), ONCE);
  deepEqual({ status, tokenType }, { status: "succeeded", tokenType: "Bearer" });
  deepEqual(await asked(), ["devicecode", "token", "token", "token"]);
});

test("device flow: the flow of an answer goes on to the end, and so does the one before", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: null });
  const begun = [
    await create().initiateDeviceFlow(GRAPH),
    await create().initiateDeviceFlow(GRAPH),
  ];
  const pending = [];
  for (const flow of begun) pending.push(await create().acquireTokenByDeviceFlow(flow, ONCE));
  await s.approve();
  const next = await create().acquireTokenByDeviceFlow(stored(pending[0].flow));
  equal(next.status, "succeeded");
  equal((await create().acquireTokenByDeviceFlow(begun[1])).status, "succeeded");
});

test("device flow: slow_down makes the interval longer, in the flow too", async (t) => {
  const token = [{ error: "slow_down", repeat: 2 }];
  const { create } = await arrange(t, { replies: { token }, approveAfterPolls: 1 });
  let flow = await create().initiateDeviceFlow(GRAPH);
  for (const interval of [6, 11, 11]) {
    const pending = await create().acquireTokenByDeviceFlow(stored(flow), ONCE);
    equal(pending.status, "pending");
    equal(pending.flow.interval, interval);
    const { retryAfter } = pending;
    ok(retryAfter > interval * 1000 - 2000 && retryAfter <= interval * 1000, `${retryAfter} ms`);
    ({ flow } = pending);
  }
  equal((await create().acquireTokenByDeviceFlow(stored(flow), ONCE)).status, "succeeded");
});

test("device flow: who goes on to the end keeps the longer interval", async (t) => {
  const { s, create } = await arrange(t, { replies: { token: [{ error: "slow_down" }] } });
  const begun = await create().initiateDeviceFlow(GRAPH);
  const { flow } = await create().acquireTokenByDeviceFlow(begun, ONCE);
  equal((await create().acquireTokenByDeviceFlow(stored(flow))).status, "succeeded");
  const [first, second] = await s.requests("token");
  const wait = second.at - first.repliedAt;
  ok(wait > 5900 && wait < 8500, `waited ${wait} ms`);
});

test("device flow: who goes on waits as long as the server asked the one before", async (t) => {
  const token = [{ error: "slow_down", headers: { "retry-after": "8" } }];
  const { s, create } = await arrange(t, { replies: { token } });
  const begun = await create().initiateDeviceFlow(GRAPH);
  const { flow, retryAfter } = await create().acquireTokenByDeviceFlow(begun, ONCE);
  ok(retryAfter > 7000 && retryAfter <= 8000, `${retryAfter} ms`);
  equal((await create().acquireTokenByDeviceFlow(stored(flow))).status, "succeeded");
  const [first, second] = await s.requests("token");
  const wait = second.at - first.repliedAt;
  ok(wait > 7900 && wait < 10_000, `waited ${wait} ms`);
});

test("device flow: a poll that nobody answers is pending", async (t) => {
  const { create } = await arrange(t, { replies: { token: [{ hang: true }] } });
  const flow = await create().initiateDeviceFlow(GRAPH);
  const hasty = create({ requestTimeout: 500 });
  const pending = await hasty.acquireTokenByDeviceFlow(flow, ONCE);
  equal(pending.status, "pending");
  equal((await hasty.acquireTokenByDeviceFlow(pending.flow, ONCE)).status, "succeeded");
});

const FAULTS = {
  "a dropped connection": [{ drop: "connect" }, 2],
  "503 with a page": [{ status: 503, text: "<html>Service Unavailable</html>" }, 2],
  "429 with Retry-After": [{ status: 429, headers: { "retry-after": "8" }, text: "" }, 8],
};

for (const [what, [fault, seconds]] of Object.entries(FAULTS)) {
  test(`device flow: ${what} ends nothing, but makes the next wait longer`, async (t) => {
    const { create } = await arrange(t, { replies: { token: [fault] }, approveAfterPolls: 1 });
    const begun = await create().initiateDeviceFlow(GRAPH);
    const faulty = await create().acquireTokenByDeviceFlow(stored(begun), ONCE);
    equal(faulty.status, "pending");
    equal(faulty.flow.interval, 1);
    const { retryAfter } = faulty;
    ok(retryAfter > seconds * 1000 - 900 && retryAfter <= seconds * 1000, `${retryAfter} ms`);
    const proper = await create().acquireTokenByDeviceFlow(stored(faulty.flow), ONCE);
    ok(proper.retryAfter <= 1000, `then ${proper.retryAfter} ms`);
    const { status } = await create().acquireTokenByDeviceFlow(stored(proper.flow));
    equal(status, "succeeded");
  });
}

test("device flow: many who go on with one in one credential poll as one", async (t) => {
  const { s, create, asked } = await arrange(t, { approveAfterPolls: null });
  const credential = create();
  const flow = await credential.initiateDeviceFlow(GRAPH);
  const once = await Promise.all(
    [1, 2, 3].map(() => credential.acquireTokenByDeviceFlow(stored(flow), ONCE)),
  );
  for (const { status } of once) equal(status, "pending");
  equal((await asked()).length, 2);
  await s.approve();
  const results = await Promise.all(
    [1, 2, 3].map(() => credential.acquireTokenByDeviceFlow(stored(flow))),
  );
  equal(new Set(results.map(({ token }) => token)).size, 1);
  deepEqual(await asked(), ["devicecode", "token", "token"]);
});

test("device flow: at an authority that is discovered", async (t) => {
  const { create, asked } = await arrange(t, { knownHosts: ["id.contoso.com"] });
  const options = { authority: "id.contoso.com", tenantId: "contoso.com" };
  const flow = await create(options).initiateDeviceFlow(GRAPH);
  equal(flow.authority, "https://id.contoso.com");
  equal(flow.tenantId, "contoso.com");
  const spelt = { ...options, authority: "https://ID.contoso.com/" };
  equal((await create(spelt).acquireTokenByDeviceFlow(stored(flow))).status, "succeeded");
  const found = ["instance", "openid"];
  deepEqual(await asked(), [...found, "devicecode", ...found, "token"]);
});

test("device flow: claims, tenant and CAE are those that were asked for", async (t) => {
  const { s, create } = await arrange(t);
  const options = { claims: CLAIMS, tenantId: s.user.tid, enableCae: true };
  const flow = await create().initiateDeviceFlow(GRAPH, options);
  const credential = create();
  const { token } = await credential.acquireTokenByDeviceFlow(stored(flow));
  const [device, poll] = await s.requests();
  for (const { form, path } of [device, poll]) {
    match(path, new RegExp(`^/${s.user.tid}/oauth2/v2.0/`));
    const { access_token } = JSON.parse(form.claims);
    deepEqual(access_token.nbf, { essential: true, value: "1604106651" });
    deepEqual(access_token.xms_cc, { values: ["CP1"] });
  }
  // Each is part of what a cached token is good for.
  const { tenantId, enableCae } = options;
  equal((await credential.getToken(GRAPH, { tenantId, enableCae })).token, token);
  notEqual((await credential.getToken(GRAPH, { enableCae })).token, token);
});

test("device flow: a tenant that is not allowed is not asked", async (t) => {
  const { create, asked } = await arrange(t);
  const credential = create({ tenantId: "contoso.com" });
  await rejects(credential.initiateDeviceFlow(GRAPH, { tenantId: "fabrikam.com" }), {
    name: "AuthenticationError",
    message: /additionallyAllowedTenants/,
  });
  deepEqual(await asked(), []);
});

// How it ends.

for (const [way, options] of Object.entries(WAYS)) {
  test(`device flow: the user declines, ${way}`, async (t) => {
    const { s, create } = await arrange(t, { approveAfterPolls: null });
    const flow = await create().initiateDeviceFlow(GRAPH);
    equal(await s.decline(flow.userCode), 1);
    const error = await rejects(create().acquireTokenByDeviceFlow(flow, options), {
      name: "AuthenticationError",
      statusCode: 400,
      hint: /declined/,
    });
    equal(error.errorResponse.error, "authorization_declined");
    equal((await s.requests("token")).length, 1);
  });

  test(`device flow: the server says that the code has expired, ${way}`, async (t) => {
    const { create } = await arrange(t, { replies: { token: [{ error: "expired_token" }] } });
    const flow = await create().initiateDeviceFlow(GRAPH);
    const error = await rejects(create().acquireTokenByDeviceFlow(flow, options), {
      name: "AuthenticationError",
      hint: /Start again/,
    });
    equal(error.errorResponse.error, "expired_token");
  });

  test(`device flow: its time is over by a little, and the server is asked, ${way}`, async (t) => {
    const { create, asked } = await arrange(t, { expiresIn: 1 });
    const flow = await create().initiateDeviceFlow(GRAPH);
    await sleep(1200);
    const error = await rejects(create().acquireTokenByDeviceFlow(flow, options), {
      name: "AuthenticationError",
    });
    equal(error.errorResponse.error, "expired_token");
    deepEqual(await asked(), ["devicecode", "token"]);
  });

  test(`device flow: its time is over, though not the server's, ${way}`, async (t) => {
    const { create, asked } = await arrange(t, { approveAfterPolls: null });
    const flow = await create({ timeout: 1 }).initiateDeviceFlow(GRAPH);
    await sleep(1200);
    await rejects(create().acquireTokenByDeviceFlow(flow, options), {
      name: "AuthenticationError",
      message: /timed out/i,
    });
    deepEqual(await asked(), ["devicecode", "token"]);
  });

  // The clock is everybody's.
  test(`device flow: its time is long over, and nobody is asked, ${way}`, {
    serial: true,
  }, async (t) => {
    const { create, asked } = await arrange(t);
    const flow = await create().initiateDeviceFlow(GRAPH);
    const { now } = Date;
    Date.now = () => now() + 3_600_000;
    t.after(() => {
      Date.now = now;
    });
    await rejects(create().acquireTokenByDeviceFlow(flow, options), {
      name: "AuthenticationError",
      message: /timed out.*expired/i,
    });
    Date.now = now;
    deepEqual(await asked(), ["devicecode"]);
  });

  test(`device flow: the server does not know the code any more, ${way}`, async (t) => {
    const { create, s } = await arrange(t);
    const flow = await create().initiateDeviceFlow(GRAPH);
    const elsewhere = await arrange(t);
    const error = await rejects(elsewhere.create().acquireTokenByDeviceFlow(flow, options), {
      name: "AuthenticationError",
      statusCode: 400,
      hint: /Start again/,
    });
    equal(error.errorResponse.error, "bad_verification_code");
    equal((await s.requests("token")).length, 0);
  });

  test(`device flow: it was finished already, ${way}`, async (t) => {
    const { create } = await arrange(t);
    const credential = create();
    const flow = await credential.initiateDeviceFlow(GRAPH);
    await credential.acquireTokenByDeviceFlow(flow, ONCE);
    const error = await rejects(credential.acquireTokenByDeviceFlow(flow, options), {
      name: "AuthenticationError",
    });
    equal(error.errorResponse.error, "invalid_grant");
    equal((await credential.getToken(GRAPH)).tokenType, "Bearer");
  });

  test(`device flow: abort before, and while a poll is out, ${way}`, async (t) => {
    const { s, create } = await arrange(t, { replies: { token: [{ hang: true }] } });
    const credential = create();
    const flow = await credential.initiateDeviceFlow(GRAPH);
    const gone = AbortSignal.abort(REASON);
    equal(await rejects(credential.initiateDeviceFlow(GRAPH, { abortSignal: gone })), REASON);
    const late = credential.acquireTokenByDeviceFlow(flow, { ...options, signal: gone });
    equal(await rejects(late), REASON);
    equal((await s.requests()).length, 1);

    const aborter = new AbortController();
    const abortSignal = aborter.signal;
    const pending = credential.acquireTokenByDeviceFlow(flow, { ...options, abortSignal });
    await s.waitForRequests(1, { endpoint: "token" });
    aborter.abort(REASON);
    equal(await rejects(pending), REASON);
    await s.waitForRequests(1, { aborted: true });
    // It is good until it expires.
    equal((await credential.acquireTokenByDeviceFlow(flow, options)).status, "succeeded");
  });

  test(`device flow: close, ${way}`, async (t) => {
    const { s, create } = await arrange(t, { replies: { token: [{ hang: true }] } });
    const credential = create();
    const flow = await credential.initiateDeviceFlow(GRAPH);
    const closed = { name: "CredentialUnavailableError", message: /closed/ };
    const pending = rejects(credential.acquireTokenByDeviceFlow(flow, options), closed);
    await s.waitForRequests(1, { endpoint: "token" });
    credential.close();
    await pending;
    await rejects(credential.acquireTokenByDeviceFlow(flow, options), closed);
    await rejects(credential.initiateDeviceFlow(GRAPH), closed);
    equal((await s.requests()).length, 2);
    equal((await create().acquireTokenByDeviceFlow(flow, options)).status, "succeeded");
  });
}

test("device flow: abort and close while the code is asked for", async (t) => {
  const { s, create } = await arrange(t, { replies: { devicecode: [{ hang: true, repeat: 2 }] } });
  const credential = create();
  const aborter = new AbortController();
  const aborted = credential.initiateDeviceFlow(GRAPH, { signal: aborter.signal });
  await s.waitForRequests(1);
  aborter.abort(REASON);
  equal(await rejects(aborted), REASON);
  await s.waitForRequests(1, { aborted: true });
  const closed = rejects(credential.initiateDeviceFlow(GRAPH), {
    name: "CredentialUnavailableError",
  });
  await s.waitForRequests(2);
  credential.close();
  await closed;
  await s.waitForRequests(2, { aborted: true });
});

test("device flow: abort between two polls, after which another goes on", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: null });
  const flow = await create().initiateDeviceFlow(GRAPH);
  const aborter = new AbortController();
  const pending = create().acquireTokenByDeviceFlow(flow, { signal: aborter.signal });
  await s.waitForRequests(1, { endpoint: "token" });
  aborter.abort(REASON);
  equal(await rejects(pending), REASON);
  await s.approve();
  equal((await create().acquireTokenByDeviceFlow(flow)).status, "succeeded");
});

// Afterwards.

test("device flow: the credential has signed in: silent, here and for other scopes", async (t) => {
  const { create, prompts, asked } = await arrange(t);
  const credential = create();
  const flow = await create().initiateDeviceFlow(GRAPH);
  const { token } = await credential.acquireTokenByDeviceFlow(flow);
  equal((await credential.getToken(GRAPH)).token, token);
  deepEqual(await asked(), ["devicecode", "token"]);
  notEqual((await credential.getToken(ARM)).token, token);
  deepEqual(await asked(), ["devicecode", "token", "refresh"]);
  equal(prompts.length, 0);
});

test("device flow: a getToken meanwhile waits for it, and shows no code of its own", async (t) => {
  const { s, create, prompts, asked } = await arrange(t, { approveAfterPolls: null });
  const credential = create();
  const flow = await credential.initiateDeviceFlow(GRAPH);
  const signingIn = credential.acquireTokenByDeviceFlow(flow);
  const same = credential.getToken(GRAPH);
  const other = credential.getToken(ARM);
  await s.waitForRequests(1, { endpoint: "token" });
  const late = credential.getToken(VAULT);
  await s.approve();
  const { token } = await signingIn;
  equal((await same).token, token);
  equal(new Set([token, (await other).token, (await late).token]).size, 3);
  equal(prompts.length, 0);
  deepEqual((await asked()).filter((endpoint) => endpoint !== "token").sort(), [
    "devicecode",
    "refresh",
    "refresh",
  ]);
});

test("device flow: when it fails, the getToken that waited prompts", async (t) => {
  const { create, prompts } = await arrange(t, {
    replies: { token: [{ error: "expired_token" }] },
  });
  const credential = create();
  const flow = await credential.initiateDeviceFlow(GRAPH);
  const failed = rejects(credential.acquireTokenByDeviceFlow(flow), {
    name: "AuthenticationError",
  });
  const waiting = credential.getToken(ARM);
  await failed;
  equal((await waiting).tokenType, "Bearer");
  equal(prompts.length, 1);
});

for (const enableCae of [false, true]) {
  test(`device flow: tokens are stored${enableCae ? ", with CAE in their own cache" : ""}`, async (t) => {
    const { s, create, prompts, asked } = await arrange(t);
    const cachePlugin = memoryPlugin();
    const cachePluginCae = memoryPlugin();
    const cachePersistenceOptions = { cachePlugin, cachePluginCae };
    const tenantId = s.user.tid;
    const first = create({ tenantId, cachePersistenceOptions });
    const flow = await first.initiateDeviceFlow(GRAPH, { enableCae });
    for (const { writes } of [cachePlugin, cachePluginCae]) equal(writes, 0);

    const second = create({ tenantId, cachePersistenceOptions });
    const { token, authenticationRecord } = await second.acquireTokenByDeviceFlow(stored(flow));
    const [used, unused] = enableCae
      ? [cachePluginCae, cachePlugin]
      : [cachePlugin, cachePluginCae];
    deepEqual(
      used.rows("AccessToken").map(({ secret }) => secret),
      [token],
    );
    equal(unused.text, "");
    for (const { text } of [cachePlugin, cachePluginCae]) ok(!text.includes(flow.deviceCode));

    const third = create({ ...SILENTLY, authenticationRecord, cachePersistenceOptions });
    equal((await third.getToken(GRAPH, { enableCae })).token, token);
    deepEqual(await asked(), ["devicecode", "token"]);
    equal((await third.getToken(ARM, { enableCae })).tokenType, "Bearer");
    equal(prompts.length, 0);
  });
}

test("device flow: a store that fails costs nobody the token", async (t) => {
  const { create, log } = await arrange(t);
  const cachePlugin = memoryPlugin();
  cachePlugin.afterCacheAccess = async () => {
    throw new Error("the disk is full");
  };
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  const flow = await credential.initiateDeviceFlow(GRAPH);
  const { token } = await credential.acquireTokenByDeviceFlow(flow);
  equal((await credential.getToken(GRAPH)).token, token);
  ok(log.some((line) => /^warning: .*the disk is full/.test(line)));
});

for (const [what, change] of Object.entries({
  "no id token": { omit: ["id_token"] },
  "no id token and no client info": { omit: ["id_token", "client_info"] },
  "an id token that is none": { set: { id_token: "a.b.c" } },
})) {
  test(`device flow: ${what} is no record, but a token all the same`, async (t) => {
    const { create } = await arrange(t, { replies: { token: [change] } });
    const credential = create();
    const flow = await credential.initiateDeviceFlow(GRAPH);
    const result = await credential.acquireTokenByDeviceFlow(flow);
    equal(result.status, "succeeded");
    ok(!("authenticationRecord" in result));
    equal((await credential.getToken(GRAPH)).token, result.token);
  });
}

// Flows that are not as they should be, or somebody else's.

const CHANGED = /^`flow` was changed\b.*`initiateDeviceFlow`/;

/** @returns the message of the TypeError with which `flow` is refused; in either way, and nothing is sent */
async function refused({ create, asked }, flow, options) {
  const before = (await asked()).length;
  const errors = [];
  for (const way of Object.values(WAYS)) {
    errors.push(await rejects(create(options).acquireTokenByDeviceFlow(flow, way), TypeError));
  }
  equal((await asked()).length, before);
  equal(errors[0].message, errors[1].message);
  match(errors[0].message, /`flow`/);
  return errors[0].message;
}

test("device flow: what is no object is refused, and the message says what it is", async (t) => {
  const arrangement = await arrange(t);
  const flow = await arrangement.create().initiateDeviceFlow(GRAPH);
  for (const [value, kind] of [
    [undefined, "undefined"],
    [null, "null"],
    ["", "a string"],
    [JSON.stringify(flow), "a string"],
    [7, "a number"],
    [true, "a boolean"],
    [[], "an array"],
    [[flow], "an array"],
    [() => flow, "a function"],
  ]) {
    const message = await refused(arrangement, value);
    match(message, /initiateDeviceFlow/);
    match(message, new RegExp(`not ${kind}$`));
    ok(!message.includes(flow.deviceCode));
  }
});

test("device flow: a promise of a flow is refused", async (t) => {
  const arrangement = await arrange(t);
  const promise = arrangement.create().initiateDeviceFlow(GRAPH);
  await promise;
  await refused(arrangement, promise);
});

/** Another value of the same type, or of another. */
const OTHER = {
  boolean: (value) => [!value, "yes", undefined],
  number: (value) => [value + 1, String(value), 0, -1, null],
  string: (value) => [`${value}x`, value.slice(1), "", 7, null, {}],
  object: (value) => [[], [...value, "x"], value.join(" "), null],
};

test("device flow: a change to any member is found", async (t) => {
  const arrangement = await arrange(t, {
    replies: { devicecode: [{ set: { verification_uri_complete: "https://contoso.com/?c=A" } }] },
  });
  const { s, create } = arrangement;
  const options = { claims: CLAIMS, tenantId: s.user.tid, enableCae: true };
  const begun = await create().initiateDeviceFlow(GRAPH, options);
  const { flow } = await create({ fetch: failing }).acquireTokenByDeviceFlow(begun, ONCE);
  const names = Object.keys(flow);
  ok(names.length > 15, names.join(", "));
  for (const name of names) {
    for (const value of OTHER[typeof flow[name]](flow[name])) {
      const message = await refused(arrangement, { ...flow, [name]: value });
      match(message, CHANGED, `${name}: ${JSON.stringify(value)}`);
      ok(!message.includes(flow.deviceCode));
    }
  }
  equal((await create().acquireTokenByDeviceFlow(flow, ONCE)).status, "succeeded");
});

async function failing() {
  throw new Error("no network");
}

test("device flow: a member that is missing or too many is found", async (t) => {
  const arrangement = await arrange(t);
  const flow = await arrangement.create().initiateDeviceFlow(GRAPH);
  for (const name of Object.keys(flow)) {
    const { [name]: _, ...rest } = flow;
    match(await refused(arrangement, rest), CHANGED, name);
  }
  for (const value of [
    {},
    { ...flow, extra: 1 },
    { ...flow, claims: CLAIMS },
    { ...flow, a: 1n },
  ]) {
    match(await refused(arrangement, value), CHANGED);
  }
});

test("device flow: parts of two don't make one", async (t) => {
  const arrangement = await arrange(t);
  const one = await arrangement.create().initiateDeviceFlow(GRAPH);
  const other = await arrangement.create().initiateDeviceFlow(GRAPH);
  for (const mixed of [
    { ...one, deviceCode: other.deviceCode },
    { ...one, deviceCode: other.deviceCode, userCode: other.userCode },
    { ...one, integrity: other.integrity },
    { ...one, deviceCode: other.deviceCode, integrity: other.integrity },
  ]) {
    match(await refused(arrangement, mixed), CHANGED);
  }
});

/** The flow with an integrity that fits, as version 1 has it: anyone can compute that. */
function sealed({ integrity: _, ...flow }) {
  const members = Object.entries(stored(flow)).sort(([a], [b]) => (a < b ? -1 : 1));
  let [one, other] = [0x811c9dc5, 0xcbf29ce4];
  for (const unit of JSON.stringify(members).split("")) {
    one = Math.imul(one ^ unit.charCodeAt(0), 0x01000193);
    other = Math.imul(other ^ unit.charCodeAt(0), 0x85ebca6b);
  }
  const hex = (half) => (half >>> 0).toString(16).padStart(8, "0");
  return { ...stored(flow), integrity: hex(one) + hex(other) };
}

test("device flow: a release goes on with the flows of those before it", async (t) => {
  const { s, create } = await arrange(t);
  const { deviceCode } = await create().initiateDeviceFlow(GRAPH);
  const flow = sealed({
    userCode: "USERCODE",
    verificationUri: "https://microsoft.com/devicelogin",
    message: "enter USERCODE",
    deviceCode,
    authority: "https://login.microsoftonline.com",
    expiresOnTimestamp: Date.now() + 60_000,
    pollAfterTimestamp: Date.now(),
    interval: 5,
    clientId: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    tenantId: "organizations",
    scopes: [GRAPH],
    enableCae: false,
    correlationId: "03f8c983-0ca9-4f20-bdd6-cebb4b33f712",
    version: "1",
  });
  equal((await create().acquireTokenByDeviceFlow(flow)).status, "succeeded");
  const [{ headers }] = await s.requests("token");
  equal(headers["client-request-id"], flow.correlationId);
});

test("device flow: one of another version is refused", async (t) => {
  const arrangement = await arrange(t);
  const flow = await arrangement.create().initiateDeviceFlow(GRAPH);
  deepEqual(sealed(flow), flow);
  match(await refused(arrangement, sealed({ ...flow, version: "2" })), /version 2.*version 1/);
  for (const version of ["", 1, null, "x"]) {
    match(await refused(arrangement, sealed({ ...flow, version })), /version/);
  }
});

test("device flow: members of the wrong kind are refused, though the integrity fits", async (t) => {
  const arrangement = await arrange(t);
  const { create, s } = arrangement;
  const options = { claims: CLAIMS, tenantId: s.user.tid, enableCae: true };
  const flow = await create().initiateDeviceFlow(GRAPH, options);
  const wrongFor = {
    string: [7, true, {}, ["a"], [null]],
    number: ["", "soon", null, {}, []],
    object: [7, "", GRAPH, null, {}, [], [7], [null], [[GRAPH]], [""]],
  };
  // The tenant that was named counts.
  const unused = ["userCode", "verificationUri", "message", "tenantId", "integrity"];
  for (const [name, value] of Object.entries(flow)) {
    if (unused.includes(name)) continue;
    for (const wrong of wrongFor[typeof value] ?? []) {
      const message = await refused(arrangement, sealed({ ...flow, [name]: wrong }));
      ok(!message.includes(flow.deviceCode));
    }
  }
  equal((await create().acquireTokenByDeviceFlow(flow, ONCE)).status, "succeeded");
});

for (const [what, begun, other, expected] of [
  [
    "another application",
    {},
    { clientId: "other" },
    [/04b07795-8ddb-461a-bbee-02f9e1bf7b46/, /\bother\b/],
  ],
  [
    "another authority",
    {},
    { authority: "login.microsoftonline.us" },
    [/login\.microsoftonline\.com/, /login\.microsoftonline\.us/],
  ],
  [
    "another tenant",
    { tenantId: "contoso.com" },
    { tenantId: "fabrikam.com" },
    [/tenant/i, /contoso\.com/, /fabrikam\.com/],
  ],
  ["a tenant where it was none in particular", {}, { tenantId: "contoso.com" }, [/organizations/]],
]) {
  test(`device flow: ${what} than the credential's is refused`, async (t) => {
    const arrangement = await arrange(t);
    const flow = await arrangement.create(begun).initiateDeviceFlow(GRAPH);
    const message = await refused(arrangement, stored(flow), other);
    for (const pattern of expected) match(message, pattern);
    equal((await arrangement.create(begun).acquireTokenByDeviceFlow(flow)).status, "succeeded");
  });
}

test("device flow: a tenant that its beginner could name, and this credential may not", async (t) => {
  const arrangement = await arrange(t);
  const own = { tenantId: "contoso.com" };
  const allowed = { ...own, additionallyAllowedTenants: ["fabrikam.com"] };
  const asked = { tenantId: "fabrikam.com" };
  const flow = await arrangement.create(allowed).initiateDeviceFlow(GRAPH, asked);
  await rejects(arrangement.create(own).acquireTokenByDeviceFlow(flow), {
    name: "AuthenticationError",
    message: /fabrikam\.com.*additionallyAllowedTenants/,
  });
  equal((await arrangement.asked()).length, 1);
  equal((await arrangement.create(allowed).acquireTokenByDeviceFlow(flow)).status, "succeeded");
});

test("device flow: wrong options of acquireTokenByDeviceFlow are TypeErrors", async (t) => {
  const { create, asked } = await arrange(t);
  const credential = create();
  const flow = await credential.initiateDeviceFlow(GRAPH);
  for (const [options, name] of [
    [7, "options"],
    ["once", "options"],
    [{ once: "yes" }, "once"],
    [{ once: 1 }, "once"],
    [{ abortSignal: {} }, "abortSignal"],
    [{ signal: true }, "signal"],
  ]) {
    const error = await rejects(credential.acquireTokenByDeviceFlow(flow, options), TypeError);
    match(error.message, new RegExp(`\`${name}\``));
  }
  deepEqual(await asked(), ["devicecode"]);
});

// Secrecy.

/** Every way in which a value may end up in a log. */
function* renderings(value) {
  yield String(value);
  yield JSON.stringify(value) ?? "";
  const { Deno, Bun, process } = globalThis;
  if (Deno) yield Deno.inspect(value, { depth: 20, showHidden: true });
  else if (Bun) yield Bun.inspect(value, { depth: 20 });
  else if (process?.getBuiltinModule) {
    const { inspect } = process.getBuiltinModule("node:util");
    yield inspect(value, { depth: 20, showHidden: true, getters: true });
  }
  for (const name of Reflect.ownKeys(value)) yield String(value[name]);
  if (value.cause instanceof Error) yield* renderings(value.cause);
}

test("device flow: no error, log line or rendering of the credential shows its secrets", async (t) => {
  const echo = { status: 400, json: undefined };
  const { s, create, log } = await arrange(t, {
    approveAfterPolls: null,
    replies: {
      token: [{ error: "expired_token" }, { drop: "connect" }, { status: 502, text: "" }],
    },
  });
  const fetch = async (url, init) => {
    if (!echo.json || !url.endsWith("/token")) return s.fetch(url, init);
    return new Response(JSON.stringify(echo.json), { status: echo.status });
  };
  const credential = create({ enableSupportLogging: true, fetch });
  const seen = [credential, log];
  const flow = await credential.initiateDeviceFlow(GRAPH);
  const { deviceCode, integrity } = flow;
  seen.push(await rejects(credential.acquireTokenByDeviceFlow(flow, ONCE)));
  for (let n = 0; n < 2; n++) await credential.acquireTokenByDeviceFlow(flow, ONCE);
  for (const wrong of [{ ...flow, scopes: [] }, { deviceCode }, JSON.stringify(flow), [flow]]) {
    seen.push(await rejects(credential.acquireTokenByDeviceFlow(wrong), TypeError));
  }
  const elsewhere = create({ clientId: "other" });
  seen.push(elsewhere, await rejects(elsewhere.acquireTokenByDeviceFlow(flow), TypeError));
  // A careless server.
  echo.json = { error: "invalid_grant", error_description: `AADSTS70000: no ${deviceCode}` };
  seen.push(await rejects(credential.acquireTokenByDeviceFlow(flow, ONCE)));
  // And while it is under way.
  echo.json = undefined;
  const aborter = new AbortController();
  const polling = credential.acquireTokenByDeviceFlow(flow, { signal: aborter.signal });
  await s.waitForRequests(4, { endpoint: "token" });
  for (const text of renderings(credential)) ok(!text.includes(deviceCode), text);
  aborter.abort();
  seen.push(await rejects(polling));
  for (const value of seen) {
    for (const text of renderings(value)) {
      for (const secret of [deviceCode, integrity]) {
        ok(!text.includes(secret), text.replaceAll(secret, "<<HERE>>"));
      }
    }
  }
});

test("device flow: the device code is in none of the lines that are for people", async (t) => {
  const { create } = await arrange(t);
  const { deviceCode, message, verificationUri } = await create().initiateDeviceFlow(GRAPH);
  const secret = new RegExp(deviceCode);
  doesNotMatch(message, secret);
  doesNotMatch(verificationUri, secret);
});

test("device flow: whoever goes on may do so from within a prompt", async (t) => {
  const { s, create } = await arrange(t);
  const flow = await create().initiateDeviceFlow(GRAPH);
  const finished = deferred();
  const credential = create({
    userPromptCallback: () => credential.acquireTokenByDeviceFlow(flow).then(finished.resolve),
  });
  equal((await credential.getToken(GRAPH)).tokenType, "Bearer");
  equal((await finished.promise).status, "succeeded");
  equal((await s.requests("devicecode")).length, 2);
});
