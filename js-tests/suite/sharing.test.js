/** Many callers at once: one prompt, and each may give up for itself. */

import { deepEqual, equal, match, notEqual, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, deferred, GRAPH, VAULT } from "./arrange.js";

test("sharing: 50 callers with 5 scopes see one prompt and get 50 tokens", async (t) => {
  const { s, create, prompts, asked } = await arrange(t, { approveAfterPolls: null });
  const credential = create();
  const calls = Array.from({ length: 50 }, (_, n) => credential.getToken(`api://${n % 5}/read`));
  await s.waitForRequests(1, { endpoint: "token" });
  await s.approve();
  const tokens = await Promise.all(calls);
  equal(tokens.length, 50);
  equal(new Set(tokens.map(({ token }) => token)).size, 5);
  for (const [n, { token }] of tokens.entries()) equal(token, tokens[n % 5].token);
  equal(prompts.length, 1);
  const endpoints = await asked();
  equal(endpoints.filter((each) => each === "devicecode").length, 1);
  equal(endpoints.filter((each) => each === "refresh").length, 4);
});

test("sharing: the last of 50 is served when the others have given up", async (t) => {
  const { s, create, prompts } = await arrange(t, { approveAfterPolls: null });
  const credential = create();
  const aborters = Array.from({ length: 50 }, () => new AbortController());
  const calls = aborters.map(({ signal }) => credential.getToken(GRAPH, { signal }));
  await s.waitForRequests(1, { endpoint: "token" });
  const ends = calls.slice(0, 49).map((call) => rejects(call, RangeError));
  for (const [n, aborter] of aborters.slice(0, 49).entries()) {
    aborter.abort(new RangeError(`caller ${n}`));
  }
  const errors = await Promise.all(ends);
  deepEqual(
    errors.map(({ message }) => message),
    errors.map((_, n) => `caller ${n}`),
  );
  await s.approve();
  equal((await calls[49]).tokenType, "Bearer");
  equal(prompts.length, 1);
  equal((await s.requests("devicecode")).length, 1);
});

test("sharing: the flow goes when its last caller has gone", async (t) => {
  const { s, create } = await arrange(t, { replies: { devicecode: [{ hang: true }] } });
  const credential = create();
  const aborters = [1, 2, 3].map(() => new AbortController());
  const calls = aborters.map(({ signal }) => rejects(credential.getToken(GRAPH, { signal })));
  await s.waitForRequests(1);
  for (const aborter of aborters) aborter.abort();
  await Promise.all(calls);
  await s.waitForRequests(1, { aborted: true });
});

test("sharing: whoever waits in line prompts next when the first sign-in fails", async (t) => {
  const { create, prompts } = await arrange(t, {
    replies: { token: [{ error: "authorization_declined" }] },
  });
  const credential = create();
  const first = rejects(credential.getToken(GRAPH), { name: "AuthenticationError" });
  const second = credential.getToken(ARM);
  await first;
  equal((await second).tokenType, "Bearer");
  equal(prompts.length, 2);
});

test("sharing: whoever waits in line prompts next when the first gives up", async (t) => {
  const { create, prompts } = await arrange(t);
  const aborter = new AbortController();
  const shown = deferred();
  const credential = create({
    userPromptCallback: (info) => {
      prompts.push(info);
      shown.resolve();
    },
  });
  const first = rejects(credential.getToken(GRAPH, { signal: aborter.signal }));
  const second = credential.getToken(ARM);
  await shown.promise;
  aborter.abort();
  await first;
  equal((await second).tokenType, "Bearer");
  equal(prompts.length, 2);
});

test("sharing: one in line gives up, the others do not notice", async (t) => {
  const { s, create, prompts } = await arrange(t, { approveAfterPolls: null });
  const credential = create();
  const aborter = new AbortController();
  const first = credential.getToken(GRAPH);
  const impatient = credential.getToken(ARM, { signal: aborter.signal });
  const patient = credential.getToken(VAULT);
  await s.waitForRequests(1, { endpoint: "token" });
  aborter.abort();
  await rejects(impatient, { name: "AbortError" });
  await s.approve();
  notEqual((await first).token, (await patient).token);
  equal(prompts.length, 1);
});

test("sharing: a caller who comes while the user signs in shares that sign-in", async (t) => {
  const { s, create, prompts } = await arrange(t, { approveAfterPolls: null });
  const credential = create();
  const early = credential.getToken(GRAPH);
  await s.waitForRequests(1, { endpoint: "token" });
  const late = credential.getToken([GRAPH]);
  await s.approve();
  equal((await late).token, (await early).token);
  equal(prompts.length, 1);
});

test("sharing: authenticate and getToken see one code at a time", async (t) => {
  const { create, prompts } = await arrange(t);
  let open = 0;
  let most = 0;
  const credential = create({
    userPromptCallback: (info) => {
      prompts.push(info);
      open += 1;
      most = Math.max(most, open);
    },
  });
  const count = (call) => call.finally(() => (open = 0));
  const [record] = await Promise.all([
    count(credential.authenticate(GRAPH)),
    count(credential.getToken(ARM)),
    count(credential.getToken(GRAPH)),
  ]);
  equal(record.username, "ada@contoso.com");
  equal(most, 1);
});

test("sharing: two credentials have nothing in common", async (t) => {
  const { create, prompts } = await arrange(t);
  const [one, other] = await Promise.all([create().getToken(GRAPH), create().getToken(GRAPH)]);
  notEqual(one.token, other.token);
  equal(prompts.length, 2);
});

test("sharing: one refresh for all who want the same", async (t) => {
  const { create, asked } = await arrange(t);
  const credential = create();
  await credential.getToken(GRAPH);
  const tokens = await Promise.all(Array.from({ length: 20 }, () => credential.getToken(ARM)));
  equal(new Set(tokens.map(({ token }) => token)).size, 1);
  deepEqual(await asked(), ["devicecode", "token", "refresh"]);
});

test("sharing: callers get results of their own, not to be spoilt by others", async (t) => {
  const { create } = await arrange(t);
  const credential = create();
  const [one, other] = await Promise.all([credential.getToken(GRAPH), credential.getToken(GRAPH)]);
  one.token = "spoilt";
  match(other.token, /^ey/);
  match((await credential.getToken(GRAPH)).token, /^ey/);
});
