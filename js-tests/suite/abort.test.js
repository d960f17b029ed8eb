/** Giving up, in every state a call can be in. */

import { deepEqual, equal, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, deferred, GRAPH, memoryPlugin } from "./arrange.js";

const REASON = new RangeError("the user closed the window");

/**
 * A signal that tells no reason, as `AbortSignalLike` of older Azure packages.
 */
function signalLike() {
  const listeners = new Set();
  return {
    aborted: false,
    addEventListener: (_, listener) => void listeners.add(listener),
    removeEventListener: (_, listener) => void listeners.delete(listener),
    abort() {
      this.aborted = true;
      for (const listener of [...listeners]) listener.call(this, { type: "abort" });
    },
    listeners,
  };
}

test("abort: before the call", async (t) => {
  const { create, asked, prompts } = await arrange(t);
  const credential = create();
  const signal = AbortSignal.abort(REASON);
  for (const call of [
    () => credential.getToken(GRAPH, { abortSignal: signal }),
    () => credential.getToken(GRAPH, { signal }),
    () => credential.authenticate({ scopes: GRAPH, abortSignal: signal }),
    () => credential.authenticate(GRAPH, { signal }),
  ]) {
    equal(await rejects(call), REASON);
  }
  deepEqual(await asked(), []);
  equal(prompts.length, 0);
});

test("abort: a cached token is not given to one who has given up", async (t) => {
  const { create } = await arrange(t);
  const credential = create();
  await credential.getToken(GRAPH);
  const signal = AbortSignal.abort(REASON);
  equal(await rejects(credential.getToken(GRAPH, { signal })), REASON);
});

/** What the server does while the caller gives up, and how many requests it takes to get there. */
const STATES = {
  "while the instance discovery is out": [{ instance: [{ hang: true }] }, 1],
  "while the metadata request is out": [{ openid: [{ hang: true }] }, 2],
  "while the device request is out": [{ devicecode: [{ hang: true }] }, 3],
  "while a poll is out": [{ token: [{ hang: true }] }, 4],
};

for (const [when, [replies, requests]] of Object.entries(STATES)) {
  for (const method of ["getToken", "authenticate"]) {
    test(`abort: ${method} ${when}`, async (t) => {
      const { s, create } = await arrange(t, { replies, knownHosts: ["id.contoso.com"] });
      const aborter = new AbortController();
      const credential = create({ authority: "id.contoso.com" });
      const pending = credential[method](GRAPH, { abortSignal: aborter.signal });
      await s.waitForRequests(requests);
      aborter.abort(REASON);
      equal(await rejects(pending), REASON);
      await s.waitForRequests(1, { aborted: true });
      equal((await credential.getToken(GRAPH)).tokenType, "Bearer");
    });
  }
}

test("abort: while a refresh is out", async (t) => {
  const { s, create, prompts } = await arrange(t, { replies: { refresh: [{ hang: true }] } });
  const credential = create();
  await credential.getToken(GRAPH);
  const aborter = new AbortController();
  const pending = credential.getToken(ARM, { abortSignal: aborter.signal });
  await s.waitForRequests(3);
  aborter.abort(REASON);
  equal(await rejects(pending), REASON);
  await s.waitForRequests(1, { aborted: true });
  await credential.getToken(ARM);
  equal(prompts.length, 1);
});

test("abort: while the prompt is on its way and while waiting, after which no poll follows", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: null });
  const shown = deferred();
  const credential = create({
    userPromptCallback: () => {
      shown.resolve();
      return new Promise(() => {});
    },
  });
  const aborter = new AbortController();
  const pending = credential.getToken(GRAPH, { abortSignal: aborter.signal });
  await shown.promise;
  aborter.abort(REASON);
  equal(await rejects(pending), REASON);
  // A later sign-in polls; by then the first would have.
  const next = credential.getToken(GRAPH);
  await s.waitForRequests(2, { endpoint: "devicecode" });
  await s.approve();
  await next;
  equal((await s.requests("token")).length, 1);
});

test("abort: between two polls", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: null });
  const aborter = new AbortController();
  const pending = create().getToken(GRAPH, { signal: aborter.signal });
  await s.waitForRequests(1, { endpoint: "token" });
  aborter.abort(REASON);
  equal(await rejects(pending), REASON);
});

test("abort: from within the prompt", async (t) => {
  const { create, asked } = await arrange(t);
  const aborter = new AbortController();
  const credential = create({ userPromptCallback: () => aborter.abort(REASON) });
  equal(await rejects(credential.getToken(GRAPH, { signal: aborter.signal })), REASON);
  deepEqual(await asked(), ["devicecode"]);
});

test("abort: from within fetch", async (t) => {
  const { s, create } = await arrange(t, { replies: { devicecode: [{ hang: true }] } });
  const aborter = new AbortController();
  const fetch = (url, init) => {
    aborter.abort(REASON);
    return s.fetch(url, init);
  };
  const credential = create({ fetch });
  equal(await rejects(credential.getToken(GRAPH, { signal: aborter.signal })), REASON);
});

test("abort: from within the logger", async (t) => {
  const { create, asked } = await arrange(t);
  const aborter = new AbortController();
  const credential = create({ logger: () => aborter.abort(REASON) });
  equal(await rejects(credential.getToken(GRAPH, { signal: aborter.signal })), REASON);
  deepEqual(await asked(), ["devicecode"]);
});

test("abort: while the cache is being read, and while it is being written", async (t) => {
  const { create, prompts } = await arrange(t);
  const reading = deferred();
  const cachePlugin = memoryPlugin();
  const { beforeCacheAccess } = cachePlugin;
  cachePlugin.beforeCacheAccess = () => {
    reading.resolve();
    return new Promise(() => {});
  };
  const aborter = new AbortController();
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  const pending = credential.getToken(GRAPH, { signal: aborter.signal });
  await reading.promise;
  aborter.abort(REASON);
  equal(await rejects(pending), REASON);
  equal(prompts.length, 0);

  const writing = deferred();
  cachePlugin.beforeCacheAccess = beforeCacheAccess;
  cachePlugin.afterCacheAccess = async ({ cacheHasChanged }) => {
    if (!cacheHasChanged) return;
    writing.resolve();
    await new Promise(() => {});
  };
  const second = new AbortController();
  const saving = credential.getToken(GRAPH, { signal: second.signal });
  await writing.promise;
  second.abort(REASON);
  equal(await rejects(saving), REASON);
  equal(prompts.length, 1);
});

test("abort: an AbortSignalLike without a reason", async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: null });
  const credential = create();
  const signal = signalLike();
  const pending = credential.getToken(GRAPH, { abortSignal: signal });
  await s.waitForRequests(1);
  equal(signal.listeners.size, 1);
  signal.abort();
  await rejects(pending, { name: "AbortError" });
  equal(signal.listeners.size, 0);
  await rejects(credential.getToken(GRAPH, { abortSignal: signal }), { name: "AbortError" });
});

test("abort: without a reason of one's own, and with one that is no error", async (t) => {
  const { create } = await arrange(t, { approveAfterPolls: null });
  const credential = create();
  await rejects(credential.getToken(GRAPH, { signal: AbortSignal.abort() }), {
    name: "AbortError",
  });
  for (const reason of ["enough", 0, null]) {
    const aborter = new AbortController();
    const pending = credential.getToken(GRAPH, { signal: aborter.signal });
    aborter.abort(reason);
    equal(await rejects(pending), reason);
  }
});

test("abort: AbortSignal.timeout", async (t) => {
  const { create } = await arrange(t, { approveAfterPolls: null });
  const pending = create().getToken(GRAPH, { abortSignal: AbortSignal.timeout(200) });
  await rejects(pending, { name: "TimeoutError" });
});

test("abort: no listener stays behind, whatever the end", async (t) => {
  const { create } = await arrange(t, { replies: { token: [{}, { error: "expired_token" }] } });
  const credential = create();
  const signal = signalLike();
  await credential.getToken(GRAPH, { abortSignal: signal });
  await credential.getToken(GRAPH, { abortSignal: signal });
  await credential.getToken(ARM, { abortSignal: signal });
  await rejects(credential.authenticate(ARM, { abortSignal: signal }));
  equal(signal.listeners.size, 0);
});

test("abort: after the end it changes nothing", async (t) => {
  const { create } = await arrange(t);
  const credential = create();
  const aborter = new AbortController();
  const { token } = await credential.getToken(GRAPH, { signal: aborter.signal });
  aborter.abort(REASON);
  equal((await credential.getToken(GRAPH)).token, token);
  ok(token);
});
