/** How requests other than polls fail, are repeated and are given up. */

import { DeviceCodeCredential } from "entra-device-code";
import { deepEqual, equal, match, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, GRAPH } from "./arrange.js";

const QUICK = { retryOptions: { retryDelayInMs: 1 } };
const NEVER_AGAIN = { retryOptions: { maxRetries: 0 } };

const TRANSIENT = {
  "a dropped connection": { drop: "connect" },
  "a reply broken off half-way": { drop: "body" },
  408: { status: 408, text: "" },
  429: { status: 429, text: "" },
  500: { status: 500, text: "" },
  502: { status: 502, text: "<html>Bad Gateway</html>" },
  503: { error: 90033 },
  504: { status: 504, text: "" },
};

for (const [what, fault] of Object.entries(TRANSIENT)) {
  test(`requests: the device request is repeated after ${what}`, async (t) => {
    const devicecode = [{ ...fault, repeat: 3 }];
    const { create, asked, prompts } = await arrange(t, { replies: { devicecode } });
    await create(QUICK).getToken(GRAPH);
    deepEqual(await asked(), ["devicecode", "devicecode", "devicecode", "devicecode", "token"]);
    equal(prompts.length, 1);
  });

  test(`requests: a refresh is repeated after ${what}`, async (t) => {
    const { create, asked, prompts } = await arrange(t, {
      replies: { refresh: [{ ...fault, repeat: 3 }] },
    });
    const credential = create(QUICK);
    await credential.getToken(GRAPH);
    await credential.getToken(ARM);
    equal((await asked()).filter((endpoint) => endpoint === "refresh").length, 4);
    equal(prompts.length, 1);
  });
}

test("requests: numbers of replies are taken however they are written", async (t) => {
  const { s, create } = await arrange(t);
  const odd = '"a":7.5e400,"b":[-1.5E-400,1e2,0.1],"c":{"d":1E+3},"e":-0.0,"expires_in":';
  const written = [];
  const fetch = async (url, init) => {
    const response = await s.fetch(url, init);
    const text = (await response.text())
      .replace('"expires_in":', odd)
      .replace(/"(interval|expires_in)":(\d+)/g, '"$1":$2.750');
    written.push(text);
    return new Response(text, response);
  };
  const { expiresOnTimestamp } = await create({ fetch }).getToken(GRAPH);
  ok(written.every((text) => /"expires_in":\d+\.750/.test(text) && text.includes(odd)));
  const life = expiresOnTimestamp - Date.now();
  ok(life > 3_000_000 && life < 6_000_000, `${life} ms`);
});

test("requests: discovery is repeated", async (t) => {
  const { create, asked } = await arrange(t, {
    knownHosts: ["id.contoso.com"],
    replies: { instance: [{ status: 503, text: "" }], openid: [{ drop: "connect" }] },
  });
  await create({ ...QUICK, authority: "id.contoso.com" }).getToken(GRAPH);
  deepEqual(await asked(), ["instance", "instance", "openid", "openid", "devicecode", "token"]);
});

test("requests: three retries by default, further and further apart", async (t) => {
  const { s, create } = await arrange(t, {
    replies: { devicecode: [{ status: 503, text: "<html>busy</html>", repeat: "forever" }] },
  });
  const error = await rejects(create().getToken(GRAPH), {
    name: "AuthenticationError",
    statusCode: 503,
  });
  equal(error.errorResponse, undefined);
  const times = (await s.requests()).map(({ at }) => at);
  equal(times.length, 4);
  const gaps = times.slice(1).map((at, n) => at - times[n]);
  for (const [n, expected] of [800, 1600, 3200].entries()) {
    ok(gaps[n] > expected - 50 && gaps[n] < expected + 1500, `${gaps[n]} ms, not ${expected}`);
  }
});

test("requests: Retry-After is honoured", async (t) => {
  const busy = { status: 429, headers: { "retry-after": "1" }, text: "" };
  const { s, create } = await arrange(t, { replies: { devicecode: [busy] } });
  await create(QUICK).getToken(GRAPH);
  const [first, second] = await s.requests();
  const gap = second.at - first.at;
  ok(gap > 950 && gap < 2500, `repeated after ${gap} ms`);
});

test("requests: an OAuth error is not repeated", async (t) => {
  const { create, asked } = await arrange(t, { replies: { devicecode: [{ error: 700016 }] } });
  await rejects(create(QUICK).getToken(GRAPH), { statusCode: 400 });
  deepEqual(await asked(), ["devicecode"]);
});

test("requests: a failed transport is the error's cause", async (t) => {
  const { create } = await arrange(t);
  const reason = new TypeError("the network is down");
  const fetch = async () => {
    throw reason;
  };
  const error = await rejects(create({ ...NEVER_AGAIN, fetch }).getToken(GRAPH), {
    name: "AuthenticationError",
    message: /the network is down/,
  });
  equal(error.cause, reason);
  equal(error.statusCode, undefined);
});

test("requests: a fetch that throws at once is a failed transport", async (t) => {
  const { create } = await arrange(t);
  const reason = new Error("blocked by policy");
  const fetch = () => {
    throw reason;
  };
  const error = await rejects(create({ ...NEVER_AGAIN, fetch }).getToken(GRAPH), {
    name: "AuthenticationError",
  });
  equal(error.cause, reason);
});

test("requests: no more than 1 MiB of a reply is read", async (t) => {
  const { create } = await arrange(t, { replies: { devicecode: [{ set: {}, big: 3 << 20 }] } });
  await rejects(create(NEVER_AGAIN).getToken(GRAPH), {
    name: "AuthenticationError",
    message: /1 MiB/,
  });
});

test("requests: a reply below 1 MiB is read whole", async (t) => {
  const { create } = await arrange(t, { replies: { devicecode: [{ set: {}, big: 1_000_000 }] } });
  equal((await create(NEVER_AGAIN).getToken(GRAPH)).tokenType, "Bearer");
});

test("requests: a reply may come in pieces of one buffer, which end within characters", async (t) => {
  const message = "Öffne die Seite — 打开 🙂";
  const { s, create } = await arrange(t, { replies: { devicecode: [{ set: { message } }] } });
  const fetch = async (url, init) => {
    const response = await s.fetch(url, init);
    const { status, headers } = response;
    const bytes = new Uint8Array(await response.arrayBuffer());
    const buffer = new Uint8Array(3);
    let at = 0;
    const read = async () => {
      const piece = bytes.subarray(at, at + buffer.length);
      at += piece.length;
      buffer.set(piece);
      return { done: piece.length === 0, value: buffer.subarray(0, piece.length) };
    };
    return { status, headers, body: { getReader: () => ({ read }) } };
  };
  const shown = [];
  const userPromptCallback = (prompt) => shown.push(prompt.message);
  await create({ fetch, promptCallback: undefined, userPromptCallback }).getToken(GRAPH);
  deepEqual(shown, [message]);
});

test("requests: an endless reply is given up, not waited for", async (t) => {
  const { create } = await arrange(t);
  let cancelled = false;
  const fetch = async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)),
      cancel: () => {
        cancelled = true;
      },
    });
    return new Response(body);
  };
  await rejects(create({ ...NEVER_AGAIN, fetch }).getToken(GRAPH), { message: /1 MiB/ });
  ok(cancelled);
});

test("requests: a redirect is never followed", async (t) => {
  const { create, asked } = await arrange(t, {
    replies: { devicecode: [{ redirect: true }], token: [{ redirect: true }] },
  });
  const credential = create();
  await rejects(credential.getToken(GRAPH), { name: "AuthenticationError" });
  await credential.getToken(GRAPH);
  deepEqual(await asked(), ["devicecode", "devicecode", "token", "token"]);
});

test("requests: a redirected discovery is not followed", async (t) => {
  const { create, asked } = await arrange(t, {
    replies: { openid: [{ redirect: true }] },
  });
  const credential = create({ authority: "id.contoso.com", disableInstanceDiscovery: true });
  await rejects(credential.getToken(GRAPH), { name: "AuthenticationError" });
  deepEqual(await asked(), ["openid"]);
});

test("requests: one that hangs is given up after requestTimeout", async (t) => {
  const { s, create } = await arrange(t, { replies: { devicecode: [{ hang: true }] } });
  const started = performance.now();
  await rejects(create({ ...NEVER_AGAIN, requestTimeout: 300 }).getToken(GRAPH), {
    name: "AuthenticationError",
    message: /time/,
  });
  const took = performance.now() - started;
  ok(took > 280 && took < 3000, `took ${took} ms`);
  await s.waitForRequests(1, { aborted: true });
});

test("requests: a poll that hangs does not end the sign-in", async (t) => {
  const { s, create } = await arrange(t, { replies: { token: [{ hang: true }] } });
  equal((await create({ requestTimeout: 300 }).getToken(GRAPH)).tokenType, "Bearer");
  await s.waitForRequests(1, { endpoint: "token", aborted: true });
  equal((await s.requests("token")).length, 2);
});

test("requests: a body that hangs is given up as well", async (t) => {
  const { s, create } = await arrange(t);
  const fetch = async (url, init) => {
    const response = await s.fetch(url, init);
    if (!url.endsWith("/devicecode")) return response;
    return new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
  };
  await rejects(create({ ...NEVER_AGAIN, requestTimeout: 300, fetch }).getToken(GRAPH), {
    name: "AuthenticationError",
    message: /time/,
  });
});

test("requests: fetch gets a string, a plain init and a signal", async (t) => {
  const { s, create } = await arrange(t);
  const seen = [];
  const fetch = (...args) => {
    seen.push(args);
    return s.fetch(...args);
  };
  await create({ fetch }).getToken(GRAPH);
  equal(seen.length, 2);
  for (const [url, init, ...rest] of seen) {
    match(url, /^https:\/\/login\.microsoftonline\.com\//);
    deepEqual(rest, []);
    equal(init.method, "POST");
    equal(init.redirect, "manual");
    equal(typeof init.body, "string");
    ok(init.signal instanceof AbortSignal);
  }
});

test("requests: a fetch whose replies have no streams, as mocks have it", async (t) => {
  const { s, create } = await arrange(t);
  const fetch = async (url, init) => {
    const response = await s.fetch(url, init);
    const text = await response.text();
    return { status: response.status, headers: new Headers(), text: async () => text };
  };
  equal((await create({ fetch }).getToken(GRAPH)).tokenType, "Bearer");
});

test("requests: the global fetch is looked up at each request", { serial: true }, async (t) => {
  const { s, options, asked } = await arrange(t);
  const { fetch: _, ...rest } = options();
  const credential = new DeviceCodeCredential(rest);
  const { fetch } = globalThis;
  t.after(() => {
    globalThis.fetch = fetch;
  });
  const urls = [];
  globalThis.fetch = (url, init) => {
    urls.push(url);
    return s.fetch(url, init);
  };
  await credential.getToken(GRAPH);
  globalThis.fetch = (url, init) => {
    urls.push(`later ${url}`);
    return s.fetch(url, init);
  };
  await credential.getToken(ARM);
  globalThis.fetch = fetch;
  deepEqual(
    urls.map((url) => url.replace("https://login.microsoftonline.com/organizations", "")),
    ["/oauth2/v2.0/devicecode", "/oauth2/v2.0/token", "later /oauth2/v2.0/token"],
  );
  deepEqual(await asked(), ["devicecode", "token", "refresh"]);
});
