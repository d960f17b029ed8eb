/** How one credential goes on with a sign-in that another began. */

import { deepEqual, equal, match, notEqual, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { arrange, CLAIMS, GRAPH } from "./arrange.js";
import { ONCE, sleep, stored } from "./device-flows.js";

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
