/** How a sign-in ends that one credential began and another went on with, and what comes after. */

import { deepEqual, equal, notEqual, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, GRAPH, memoryPlugin, VAULT } from "./arrange.js";
import { ONCE, REASON, SILENTLY, sleep, stored, WAYS } from "./device-flows.js";

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
