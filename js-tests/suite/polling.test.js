/** Waiting for the user: RFC 8628 §3.5. */

import { deepEqual, equal, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { arrange, GRAPH } from "./arrange.js";

/** From the end of each reply to the next request, in ms, the device request first. */
function waits(requests) {
  return requests.slice(1).map(({ at }, n) => at - requests[n].repliedAt);
}

test("polling: waits the interval before the first poll and between polls", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: 2 });
  await create().getToken(GRAPH);
  const measured = waits(await s.requests());
  equal(measured.length, 3);
  for (const wait of measured) ok(wait > 950 && wait < 2500, `waited ${wait} ms`);
});

test("polling: slow_down adds five seconds for good", async (t) => {
  const { s, create } = await arrange(t, {
    replies: { token: [{ error: "slow_down" }] },
    approveAfterPolls: 1,
  });
  await create().getToken(GRAPH);
  const [first, second, third] = waits(await s.requests());
  ok(first > 950 && first < 2500, `waited ${first} ms`);
  for (const wait of [second, third]) ok(wait > 5950 && wait < 8000, `waited ${wait} ms`);
});

test("polling: an interval that is a string or missing", async (t) => {
  const devicecode = [{ set: { interval: "1" } }, { omit: ["interval"] }];
  const { s, create } = await arrange(t, { replies: { devicecode } });
  await create().getToken(GRAPH);
  await create().getToken(GRAPH);
  const [asString, , missing] = waits(await s.requests());
  ok(asString > 950 && asString < 2500, `waited ${asString} ms`);
  ok(missing > 4950 && missing < 7000, `waited ${missing} ms`);
});

const FAULTS = {
  "a dropped connection": { drop: "connect" },
  "a reply broken off before its body": { drop: "headers" },
  "a reply broken off half-way": { drop: "body" },
  "503 with a page": { status: 503, text: "<html>Service Unavailable</html>" },
  "500 without a body": { status: 500, text: "" },
  "429 without Retry-After": { status: 429, text: "" },
  "408 with JSON": { status: 408, json: { error: "server_error" } },
  "a transient OAuth error": { error: "temporarily_unavailable" },
  "a page with status 200": { text: "<html>Welcome to the hotel</html>" },
  "JSON that is no OAuth reply": { json: { ok: true } },
  "JSON that is no object": { json: [1, 2] },
  "a redirect": { redirect: true },
};

for (const [what, fault] of Object.entries(FAULTS)) {
  test(`polling: goes on after ${what}`, async (t) => {
    const { s, create, prompts } = await arrange(t, { replies: { token: [fault] } });
    const { tokenType } = await create().getToken(GRAPH);
    equal(tokenType, "Bearer");
    equal(prompts.length, 1);
    const requests = await s.requests();
    deepEqual(
      requests.map(({ endpoint }) => endpoint),
      ["devicecode", "token", "token"],
    );
    const wait = requests[2].at - requests[1].at;
    ok(wait > 1950 && wait < 4000, `backed off for ${wait} ms`);
  });
}

test("polling: honours Retry-After, seconds or a date", async (t) => {
  const soon = new Date(Date.now() + 60_000).toUTCString();
  const { s, create } = await arrange(t, {
    replies: {
      token: [
        { status: 429, headers: { "retry-after": "3" }, text: "" },
        { status: 503, headers: { "retry-after": soon }, text: "" },
      ],
    },
  });
  const aborter = new AbortController();
  const pending = create({ timeout: 8 }).getToken(GRAPH, { abortSignal: aborter.signal });
  // The date lies beyond the end: what comes next is the last poll, just before it.
  equal((await pending).tokenType, "Bearer");
  const [, first, second, last] = await s.requests();
  const wait = second.at - first.at;
  ok(wait > 2950 && wait < 4500, `waited ${wait} ms`);
  const lastWait = last.at - first.at;
  ok(lastWait > 5000 && lastWait < 8000, `the last poll came ${lastWait} ms after the first`);
});

test("polling: the device code is sent the same at each poll", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: 2 });
  await create().getToken(GRAPH);
  const polls = await s.requests("token");
  equal(new Set(polls.map(({ form }) => form.device_code)).size, 1);
});

for (const [error, code, hint] of [
  ["authorization_declined", undefined, /declined/],
  ["access_denied", undefined, /declined/],
  ["expired_token", 70020, /Start again/],
  ["bad_verification_code", 70018, /Start again/],
  ["invalid_grant", 70000, undefined],
  ["invalid_client", 7000218, /public client flows/],
]) {
  test(`polling: ${error} ends it`, async (t) => {
    const { s, create } = await arrange(t, { replies: { token: [{ error, repeat: "forever" }] } });
    const failure = await rejects(create().getToken(GRAPH), {
      name: "AuthenticationError",
      statusCode: error === "invalid_client" ? 401 : 400,
      ...(hint && { hint }),
    });
    equal(failure.errorResponse.error, error);
    deepEqual(failure.errorResponse.errorCodes, code ? [code] : []);
    equal((await s.requests("token")).length, 1);
  });
}

test("polling: the user declines", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: null });
  const pending = create().getToken(GRAPH);
  await s.waitForRequests(1);
  equal(await s.decline(), 1);
  const error = await rejects(pending, { name: "AuthenticationError" });
  equal(error.errorResponse.error, "authorization_declined");
});

test("polling: ends when the timeout is over", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: null });
  const started = performance.now();
  await rejects(create({ timeout: 3 }).getToken(GRAPH), {
    name: "AuthenticationError",
    message: /timed out/i,
  });
  const took = performance.now() - started;
  ok(took > 2400 && took < 5000, `took ${took} ms`);
  // After one interval, after two, and just before the end.
  const polls = await s.requests("token");
  equal(polls.length, 3);
});

test("polling: ends when the code's life is over, though the timeout is longer", async (t) => {
  const { create } = await arrange(t, { approveAfterPolls: null, expiresIn: 3 });
  const started = performance.now();
  await rejects(create({ timeout: 600 }).getToken(GRAPH), { message: /timed out/i });
  const took = performance.now() - started;
  ok(took > 1900 && took < 5000, `took ${took} ms`);
});

test("polling: a user who signs in during the last interval is not lost", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: 0, interval: 30 });
  equal((await create({ timeout: 3 }).getToken(GRAPH)).tokenType, "Bearer");
  const [device, poll] = await s.requests();
  const wait = poll.at - device.repliedAt;
  ok(wait > 1500 && wait < 3000, `polled after ${wait} ms`);
});

test("polling: a time-out says what was wrong with the last poll", async (t) => {
  const { create } = await arrange(t, {
    replies: { token: [{ status: 503, text: "busy", repeat: "forever" }] },
  });
  await rejects(create({ timeout: 2 }).getToken(GRAPH), { message: /timed out.*503/i });
});

test("polling: each sign-in of a credential has a code of its own", async (t) => {
  const { s, create, prompts } = await arrange(t, {
    replies: { token: [{ error: "expired_token" }] },
  });
  const credential = create();
  await rejects(credential.getToken(GRAPH));
  await credential.getToken(GRAPH);
  equal(new Set(prompts.map(({ userCode }) => userCode)).size, 2);
  const polls = await s.requests("token");
  equal(new Set(polls.map(({ form }) => form.device_code)).size, 2);
});
