/** Whatever comes in, a call settles rightly: no hang, no trap, an ordinary error that names the thing. */

import {
  AuthenticationError,
  CredentialUnavailableError,
  DeviceCodeCredential,
} from "entra-device-code";
import { equal, match, ok, rejects, throws } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, GRAPH, REFUSE_CODES } from "./arrange.js";
import { memoryStorage } from "./storages.js";

const ENDLESS = "x".repeat(64 << 20);

test("endurance: close within fetch, when the request was left for another's turn", {
  serial: true,
}, async (t) => {
  const { s, create } = await arrange(t);
  let closed = 0;
  const credential = create({
    fetch: (url, init) => {
      if (String(init.body).includes("grant_type=refresh_token")) {
        closed += 1;
        credential.close();
      }
      return s.fetch(url, init);
    },
  });
  const first = credential.getToken(GRAPH);
  // It waits for that sign-in, and goes on once the first has its token.
  const second = credential.getToken(ARM);
  equal((await first).tokenType, "Bearer");
  match((await rejects(second, CredentialUnavailableError)).message, /closed/);
  equal(closed, 1);
});

for (const broken of ["addEventListener", "removeEventListener"]) {
  test(`endurance: a signal whose ${broken} throws`, async (t) => {
    const { create } = await arrange(t);
    const credential = create();
    const reason = new Error(`no ${broken}`);
    const abortSignal = {
      aborted: false,
      addEventListener() {},
      removeEventListener() {},
      [broken]() {
        throw reason;
      },
    };
    const call = credential.getToken(GRAPH, { abortSignal });
    if (broken === "addEventListener") equal(await rejects(call), reason);
    else equal((await call).tokenType, "Bearer");
    equal((await credential.getToken(ARM)).tokenType, "Bearer");
  });
}

/** A `fetch` whose replies are no streams, and give that as their text. */
function textual(text) {
  return { fetch: async () => ({ status: 200, headers: new Headers(), text: async () => text }) };
}

test("endurance: timers that can't be cleared fire for nobody", { serial: true }, async (t) => {
  const replies = {
    devicecode: [{ set: { interval: 2 } }],
    token: [{ error: "authorization_pending" }],
  };
  const { s, create } = await arrange(t, { replies });
  const { clearTimeout } = globalThis;
  globalThis.clearTimeout = () => {};
  try {
    await create().getToken(GRAPH);
  } finally {
    globalThis.clearTimeout = clearTimeout;
  }
  const [began, ...polls] = (await s.requests()).map(({ at }) => at);
  const waits = polls.map((at, n) => at - [began, ...polls][n]);
  equal(waits.length, 2);
  for (const wait of waits) ok(wait > 1900, `polled after ${wait} ms`);
});

test("endurance: replies whose text is none, or has no end", { serial: true }, async (t) => {
  const { create } = await arrange(t);
  for (const [text, expected] of [
    [{}, /text\(\)/],
    [undefined, /text\(\)/],
    [ENDLESS, /longer than 1 MiB/],
  ]) {
    const credential = create({ ...textual(text), retryOptions: { maxRetries: 0 } });
    const error = await rejects(credential.getToken(GRAPH), AuthenticationError);
    match(error.message, expected);
  }
});

function deep() {
  let value = [];
  for (let n = 0; n < 200_000; n++) value = [value];
  return value;
}

test("endurance: arguments and options without end, too deep, or half a character", {
  serial: true,
}, async (t) => {
  const { s, create, asked } = await arrange(t, REFUSE_CODES);
  const credential = create();
  for (const [name, call] of [
    ["claims", () => credential.getToken(GRAPH, { claims: ENDLESS })],
    ["claims", () => credential.getToken(GRAPH, { claims: "\ud800" })],
    ["claims", () => credential.getToken(GRAPH, { claims: deep() })],
    ["tenantId", () => credential.getToken(GRAPH, { tenantId: "\udc00" })],
    ["scopes", () => credential.getToken(ENDLESS)],
    ["scopes", () => credential.getToken(Array(1000).fill("x".repeat(1000)))],
    ["scopes", () => credential.getToken(deep())],
    ["flow", () => credential.acquireTokenByDeviceFlow({ deep: deep() })],
    ["flow", () => credential.acquireTokenByDeviceFlow({ userCode: ENDLESS })],
  ]) {
    match((await rejects(call, TypeError)).message, new RegExp(`\`${name}\``));
  }
  const record = {
    authority: "a",
    clientId: "c",
    homeAccountId: "h",
    tenantId: "t",
    username: "u",
  };
  for (const [name, options] of [
    ["clientId", { clientId: ENDLESS }],
    ["clientId", { clientId: "\ud800" }],
    ["cachePersistenceOptions.name", { cachePersistenceOptions: { name: "a\udc00" } }],
    ["additionallyAllowedTenants", { additionallyAllowedTenants: [ENDLESS] }],
    ["authenticationRecord", { authenticationRecord: { ...record, version: deep() } }],
    ["authenticationRecord", { authenticationRecord: { ...record, username: ENDLESS } }],
    ["authority", { authority: deep() }],
  ]) {
    const error = throws(() => new DeviceCodeCredential(options), TypeError);
    match(error.message, new RegExp(`\`${name}\``));
  }
  match(throws(() => new DeviceCodeCredential(ENDLESS), TypeError).message, /`clientId`/);
  equal((await asked()).length, 0);
  // An array is read by its items, whatever its methods give.
  const scopes = Object.assign([GRAPH], { join: () => ({}), map: () => 7 });
  await rejects(credential.getToken(scopes), { statusCode: 401 });
  match((await s.requests())[0].form.scope, /graph\.microsoft\.com/);
});

test("endurance: the name of a cache has 200 bytes at most", () => {
  const named = (name) =>
    new DeviceCodeCredential({
      cachePersistenceOptions: { name, storage: memoryStorage(), allowUnencryptedStorage: true },
    });
  for (const name of ["n".repeat(201), "ä".repeat(101)]) {
    match(
      throws(() => named(name), TypeError).message,
      /`cachePersistenceOptions.name`.*200 bytes/,
    );
  }
  named("n".repeat(200)).close();
});
