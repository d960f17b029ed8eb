/** No token, device code or refresh token shows in anything but the token itself. */

import { AuthenticationRecord } from "entra-device-code";
import { deepEqual, equal, ok, rejects, throws } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, CLAIMS, GRAPH, memoryPlugin } from "./arrange.js";
import { renderings } from "./renderings.js";
import { memoryStorage, randomKey } from "./storages.js";
import { watched } from "./watched.js";

test("secrecy: a sign-in and renewals", async (t) => {
  const { create, seen, search } = await watched(t, { approveAfterPolls: 1 });
  const cachePlugin = memoryPlugin();
  const credential = create({ cachePersistenceOptions: { cachePlugin } });
  const record = await credential.authenticate({ scopes: GRAPH });
  await credential.getToken(GRAPH);
  await credential.getToken(ARM);
  await credential.getToken(ARM, { claims: CLAIMS });
  await credential.getToken(ARM, { enableCae: true });
  seen.push(record, record.serialize(), AuthenticationRecord.deserialize(record.serialize()));
  equal(search(), 14);
});

test("secrecy: a key that seals, one that opens nothing, and one that is refused", async (t) => {
  const { create, secrets, seen, search } = await watched(t);
  const storage = memoryStorage();
  const keys = [randomKey(), randomKey()];
  for (const key of keys) {
    const cachePersistenceOptions = { storage, partitioned: false, encryptionKey: key };
    const credential = create({ cachePersistenceOptions });
    await credential.getToken(GRAPH);
    seen.push(await credential.getAccounts());
  }
  for (const encryptionKey of [keys[0].slice(1), btoa(String.fromCharCode(...keys[1]))]) {
    seen.push(throws(() => create({ cachePersistenceOptions: { storage, encryptionKey } })));
  }
  const hex = (key) => Array.from(key, (byte) => byte.toString(16).padStart(2, "0")).join("");
  for (const key of keys) {
    for (const part of [key.slice(1, 31), key.slice(0, 30)]) {
      const raw = String.fromCharCode(...part);
      const base64url = btoa(raw).replaceAll("+", "-").replaceAll("/", "_");
      for (const text of [raw, hex(part), part.join(), btoa(raw), base64url]) secrets.add(text);
    }
  }
  ok(search() > 12);
});

test("secrecy: while a sign-in is under way", async (t) => {
  const { s, create, search, seen } = await watched(t, { approveAfterPolls: null });
  const aborter = new AbortController();
  const credential = create();
  const end = rejects(credential.getToken(GRAPH, { abortSignal: aborter.signal }));
  await s.waitForRequests(2);
  equal(search(), 1);
  aborter.abort();
  seen.push(await end);
  equal(search(), 1);
});

const FAILURES = {
  "a poll is refused": { token: [{ error: "expired_token" }] },
  "a poll is refused with an error of the server's own": { token: [{ error: 7000218 }] },
  "every poll is dropped": { token: [{ drop: "connect", repeat: "forever" }] },
  "every poll meets a page": { token: [{ status: 502, text: "<html>", repeat: "forever" }] },
  "the device reply is unusable": { devicecode: [{ omit: ["user_code"] }] },
  "the device reply has an unusable number": { devicecode: [{ set: { expires_in: {} } }] },
  "the token reply lacks its token": { token: [{ omit: ["access_token"], repeat: "forever" }] },
  "the token reply has an unusable number": {
    token: [{ set: { expires_in: "soon" }, repeat: "forever" }],
  },
  "the token reply is of an unusable type": {
    token: [{ set: { token_type: "pop" }, repeat: "forever" }],
  },
  "the id token is unusable": { token: [{ set: { id_token: "a.b.c" } }] },
  "the client info is unusable": { token: [{ set: { client_info: "no base64!" } }] },
};

for (const [what, replies] of Object.entries(FAILURES)) {
  test(`secrecy: when ${what}`, async (t) => {
    const { create, seen, search } = await watched(t, { replies, expiresIn: 4 });
    const credential = create();
    seen.push(await credential.authenticate({ scopes: GRAPH }).catch((error) => error));
    ok(search() > 0);
  });
}

test("secrecy: when refreshes fail in every way", async (t) => {
  const refresh = [
    { error: 65001 },
    { status: 503, text: "", repeat: 4 },
    { drop: "body", repeat: 4 },
    { text: "<html>" },
    { omit: ["access_token"] },
    { set: { expires_in: "soon" } },
  ];
  const { create, seen, search } = await watched(t, { replies: { refresh } });
  const credential = create({ disableAutomaticAuthentication: true });
  await credential.authenticate({ scopes: GRAPH });
  for (let n = 0; n < refresh.length; n++) {
    await credential.getToken(`api://${n}/read`).catch((error) => seen.push(error));
  }
  equal(seen.filter((value) => value instanceof Error).length, 5);
  ok(search() >= 5);
});

test("secrecy: when a server echoes what it was sent", async (t) => {
  const { s, create, seen, secrets, search } = await watched(t);
  // A careless server's error, and a careless transport's.
  const echoing = (fetch, last) => async (url, init) => {
    if (!url.endsWith(last)) return fetch(url, init);
    const form = Object.fromEntries(new URLSearchParams(init.body));
    const secret = form.device_code ?? form.refresh_token;
    secrets.add(secret);
    const json = {
      error: "invalid_grant",
      error_description: `AADSTS70000: no such code: ${secret}, in ${init.body}`,
      error_codes: [70000],
      trace_id: secret,
      correlation_id: `x${secret}`,
      timestamp: secret,
    };
    return new Response(JSON.stringify(json), { status: 400 });
  };
  const inner = create();
  seen.pop();
  equal((await inner.getToken(GRAPH)).tokenType, "Bearer");
  const credential = create({ fetch: echoing(s.fetch, "/token") });
  seen.push(await rejects(credential.getToken(GRAPH), { name: "AuthenticationError" }));
  ok(search() > 4);
});

test("secrecy: a transport whose error repeats the request", async (t) => {
  const { s, create, seen, secrets, search } = await watched(t);
  const fetch = async (url, init) => {
    if (!url.endsWith("/token")) return s.fetch(url, init);
    const secret = new URLSearchParams(init.body).get("device_code");
    secrets.add(secret);
    throw new Error(`cannot POST ${init.body}`);
  };
  const credential = create({ fetch, timeout: 2 });
  seen.push(await rejects(credential.getToken(GRAPH), { name: "AuthenticationError" }));
  equal(search(), 1);
});

/** How a transport's error may hold what was sent → itself. */
const QUOTING = {
  "its options": ({ body }) => ({ options: { method: "POST", body } }),
  "its configuration's JSON": ({ body }) => ({ config: JSON.stringify({ data: body }) }),
  "a form": ({ body }) => ({ form: new URLSearchParams(body) }),
  bytes: ({ body }) => ({ sent: new TextEncoder().encode(body) }),
  "a field": ({ secret }) => ({ request: new Map([["code", secret]]) }),
  "its cause": ({ body }) => ({ cause: new Error("refused", { cause: { body } }) }),
  "a symbol": ({ body }) => ({ [Symbol("body")]: { source: body } }),
  "what nobody can look through": () => ({ sockets: Array.from({ length: 5000 }, () => ({})) }),
  "what throws": () => ({
    get body() {
      throw new Error("gone");
    },
  }),
};

for (const [what, quote] of Object.entries(QUOTING)) {
  test(`secrecy: a transport whose error holds the request in ${what}`, async (t) => {
    const { s, create, seen, secrets, search } = await watched(t);
    let reason;
    const fetch = async (url, init) => {
      if (!url.endsWith("/token")) return s.fetch(url, init);
      const secret = new URLSearchParams(init.body).get("device_code");
      secrets.add(secret);
      const error = Object.assign(new TypeError("refused"), { code: "ECONNREFUSED" });
      const { body } = init;
      reason = Object.defineProperties(
        error,
        Object.getOwnPropertyDescriptors(quote({ body, secret })),
      );
      throw reason;
    };
    const error = await rejects(create({ fetch, timeout: 2 }).getToken(GRAPH), {
      name: "AuthenticationError",
    });
    const { name, code, message } = error.cause;
    deepEqual([name, code, message], ["TypeError", "ECONNREFUSED", "refused"]);
    ok(error.cause !== reason);
    seen.push(error);
    equal(search(), 1);
  });
}

/** How a transport may spell what it quotes. */
const SPELLINGS = {
  raw: (code) => code,
  "as in a form": (code) => `${new URLSearchParams({ code })}`.slice("code=".length),
};

for (const [how, spell] of Object.entries(SPELLINGS)) {
  test(`secrecy: a transport that quotes the device code, spelled ${how}`, async (t) => {
    // The stand-in's own codes have one spelling.
    const code = "0.AR+w/c=q==&the secret of 100%41";
    const replies = { devicecode: [{ set: { device_code: code } }] };
    const { s, create, seen } = await watched(t, { replies });
    const fetch = async (url, init) => {
      if (!url.endsWith("/token")) return s.fetch(url, init);
      throw new TypeError(`no such code: ${spell(code)}`);
    };
    const options = { fetch, timeout: 2 };
    const error = await rejects(create(options).getToken(GRAPH), { name: "AuthenticationError" });
    equal(error.cause.name, "TypeError");
    seen.push(error);
    for (const text of seen.flatMap((value) => [...renderings(value)])) {
      for (const spelled of Object.values(SPELLINGS)) ok(!text.includes(spelled(code)), text);
    }
  });
}
