/** The error classes, and what an error says. */

import {
  AuthenticationError,
  AuthenticationRequiredError,
  ClientAuthenticationError,
  CredentialUnavailableError,
  DeviceCodeCredential,
} from "entra-device-code";
import { deepEqual, equal, match, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { arrange, GRAPH } from "./arrange.js";

test("errors: one base class under two names", () => {
  equal(ClientAuthenticationError, AuthenticationError);
  const required = new AuthenticationRequiredError({ scopes: ["a"], message: "sign in" });
  for (const Class of [
    AuthenticationRequiredError,
    CredentialUnavailableError,
    AuthenticationError,
    Error,
  ]) {
    ok(required instanceof Class, Class.name);
  }
  deepEqual(
    [AuthenticationError, CredentialUnavailableError, AuthenticationRequiredError].map(
      ({ name }) => name,
    ),
    ["AuthenticationError", "CredentialUnavailableError", "AuthenticationRequiredError"],
  );
  equal(required.name, "AuthenticationRequiredError");
  equal(new CredentialUnavailableError("no").name, "CredentialUnavailableError");
  equal(new AuthenticationError("no").name, "AuthenticationError");
  equal(String(new CredentialUnavailableError("no")), "CredentialUnavailableError: no");
});

test("errors: constructed as in @azure/identity", () => {
  const body = { error: "invalid_grant", error_description: "expired", error_codes: [700082] };
  for (const given of [body, JSON.stringify(body)]) {
    const error = new AuthenticationError(400, given, { cause: "why" });
    equal(error.statusCode, 400);
    equal(error.errorResponse.error, "invalid_grant");
    equal(error.errorResponse.errorDescription, "expired");
    deepEqual(error.errorResponse.errorCodes, [700082]);
    equal(error.cause, "why");
  }
  equal(new AuthenticationError(503, "<html>").errorResponse.error, "invalid_request");
  for (const nothing of [undefined, null]) {
    equal(new AuthenticationError(500, nothing).errorResponse.error, "unknown_error");
  }
});

test("errors: all that the server said, and nothing that it did not", async (t) => {
  const { s, create } = await arrange(t, { replies: { devicecode: [{ error: 7000218 }] } });
  const error = await rejects(create().getToken(GRAPH), AuthenticationError);
  equal(error.name, "AuthenticationError");
  ok(!(error instanceof CredentialUnavailableError));
  equal(error.statusCode, 401);
  const [{ headers }] = await s.requests();
  const { errorDescription, timestamp, traceId, ...rest } = error.errorResponse;
  deepEqual(rest, {
    error: "invalid_client",
    errorCodes: [7000218],
    correlationId: headers["client-request-id"],
  });
  match(errorDescription, /^AADSTS7000218: /);
  match(timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
  match(traceId, /^[0-9a-f-]{36}$/);
  match(error.message, /AADSTS7000218/);
  match(error.hint, /Allow public client flows/);
  equal(error.cause, undefined);
  ok(error.stack.length > error.message.length);
});

test("errors: from a server that says the least", async (t) => {
  const { create } = await arrange(t, {
    replies: { devicecode: [{ status: 400, json: { error: "unauthorized_client" } }] },
  });
  const error = await rejects(create().getToken(GRAPH), AuthenticationError);
  equal(error.errorResponse.error, "unauthorized_client");
  equal(error.errorResponse.errorDescription, undefined);
  match(error.message, /unauthorized_client/);
  match(error.hint, /device code flow/);
});

for (const [code, hint] of Object.entries({
  7000218: /public client flows/,
  700016: /clientId and tenantId/,
  90002: /tenantId/,
  50059: /tenantId/,
  65001: /consent/,
  50076: /multifactor/,
  50079: /multifactor/,
  53003: /Conditional Access/,
  50105: /Assign the user/,
  70011: /scopes/,
  70016: /keep polling/,
  70020: /Start again/,
  50173: /authenticate/,
  700082: /authenticate/,
  28000: /one resource/,
  50020: /guest/,
  50158: /another service/,
  50097: /the device or its platform/,
  50005: /the device or its platform/,
  54005: /authenticate/,
  90094: /administrator must consent/,
  9002331: /"consumers"/,
})) {
  test(`errors: AADSTS${code} comes with a hint`, async (t) => {
    const { create } = await arrange(t, { replies: { devicecode: [{ error: Number(code) }] } });
    const error = await rejects(create().getToken(GRAPH), { name: "AuthenticationError", hint });
    deepEqual(error.errorResponse.errorCodes, [Number(code)]);
    match(error.hint, /^[A-Z].*\.$/);
  });
}

test("errors: none is invented where nothing is known", async (t) => {
  const { create } = await arrange(t, { replies: { devicecode: [{ error: "server_error" }] } });
  const error = await rejects(create().getToken(GRAPH));
  ok(!("hint" in error));
});

for (const [error, hint] of Object.entries({
  invalid_grant: /redeemed/,
  authorization_declined: /declined/,
})) {
  test(`errors: 70000 in answer to a poll, as ${error}, is about the code`, async (t) => {
    const said = { status: 400, json: { error, error_codes: [70000] } };
    const { create } = await arrange(t, { replies: { token: [said] } });
    await rejects(create().getToken(GRAPH), { name: "AuthenticationError", hint });
  });
}

/** What a host's `fetch` says → the hint. */
const UNREACHABLE = {
  "a name that nobody knows": [{ cause: { code: "ENOTFOUND" } }, /can't be resolved/],
  "a certificate that is not trusted": [
    { cause: { code: "SELF_SIGNED_CERT_IN_CHAIN" } },
    /NODE_EXTRA_CA_CERTS.*DENO_CERT/,
  ],
  "a certificate that Deno does not trust": [
    { cause: new Error("client error (Connect): invalid peer certificate: UnknownIssuer") },
    /NODE_EXTRA_CA_CERTS.*DENO_CERT/,
  ],
  "a name that Deno can't resolve": [
    { cause: new Error("client error (Connect): dns error: failed to lookup") },
    /can't be resolved/,
  ],
  "a connection that is refused": [{ cause: { code: "ECONNREFUSED" } }, /a proxy .*`?fetch`?/],
};

for (const [what, [error, hint]] of Object.entries(UNREACHABLE)) {
  test(`errors: ${what} is told with the host, and what to do`, async (t) => {
    const { create } = await arrange(t);
    const thrown = Object.assign(new TypeError("fetch failed"), error);
    const fetch = () => Promise.reject(thrown);
    const credential = create({ fetch, retryOptions: { maxRetries: 0 } });
    const failure = await rejects(credential.getToken(GRAPH), {
      name: "AuthenticationError",
      message: / no reply from login\.microsoftonline\.com: fetch failed \(\w.*\)$/,
      hint,
    });
    equal(failure.cause, thrown);
  });
}

for (const [what, given] of Object.entries({
  nothing: undefined,
  "an object without headers": { status: 200 },
  "a body without a reader": { status: 200, headers: new Map(), body: { getReader() {} } },
})) {
  test(`errors: a \`fetch\` that gives ${what} is told as that`, async (t) => {
    const { create } = await arrange(t);
    const credential = create({ fetch: async () => given, retryOptions: { maxRetries: 0 } });
    await rejects(credential.getToken(GRAPH), { message: /what `fetch` gave is no `Response`$/ });
  });
}

test("errors: of a cause with a number for a code, the message tells why", async (t) => {
  const { create } = await arrange(t);
  const cause = Object.assign(new Error("Proxy response (407) !== 200"), { code: 0 });
  const fetch = () => Promise.reject(new TypeError("fetch failed", { cause }));
  const credential = create({ fetch, retryOptions: { maxRetries: 0 } });
  await rejects(credential.getToken(GRAPH), { message: /failed \(Proxy response \(407\)/ });
});

test("errors: a captive portal's page is told as what it is", async (t) => {
  const portal = { text: "<html>Welcome to the hotel</html>" };
  const { create } = await arrange(t, { replies: { devicecode: [portal] } });
  await rejects(create().getToken(GRAPH), {
    message: /is no JSON object: no sign-in service sent it$/,
    statusCode: 200,
    hint: /open a page in a browser/,
  });
});

/** Somebody's function, which is to be found in the stack. */
async function aFunctionOfTheCaller(call) {
  await call();
}

test("errors: the caller's frame is in the stack, before a request and after it", async (t) => {
  const refusal = { error: 7000218, repeat: "forever" };
  const replies = { devicecode: [{ set: {} }, refusal], token: [{ error: "access_denied" }] };
  const { create } = await arrange(t, { replies });
  const credential = create();
  const flow = await credential.initiateDeviceFlow(GRAPH);
  const closed = create();
  closed.close();
  // Each method that returns a promise.
  for (const [method, ...given] of [
    ["getToken", GRAPH],
    ["getToken", ""],
    ["authenticate", GRAPH],
    ["authenticate", ""],
    ["initiateDeviceFlow", GRAPH],
    ["initiateDeviceFlow", ""],
    ["acquireTokenByDeviceFlow", flow],
    ["acquireTokenByDeviceFlow", {}],
    ["getAccounts"],
    ["removeAccount", {}],
  ]) {
    const { [method]: call } = DeviceCodeCredential.prototype;
    equal(call.name, method);
    const whose = method === "getAccounts" ? closed : credential;
    await hasCaller(async () => await whose[method](...given), method);
  }
  await hasCaller(async () => new DeviceCodeCredential({ timeout: 0 }), "the constructor");
});

async function hasCaller(call, what) {
  const error = await rejects(aFunctionOfTheCaller(call), undefined, what);
  match(error.stack, /aFunctionOfTheCaller/, what);
  ok(error.stack.startsWith(String(error)), error.stack);
  equal(error.stack.includes("wasm"), false, error.stack);
}

test("errors: the reason of a signal stays as it was", async (t) => {
  const { create } = await arrange(t);
  const reason = new AuthenticationError("enough");
  const { stack } = reason;
  const error = await rejects(create().getToken(GRAPH, { signal: AbortSignal.abort(reason) }));
  equal(error, reason);
  equal(error.stack, stack);
});

const UNUSABLE = {
  "no device_code": [{ omit: ["device_code"] }, /device_code/],
  "no user_code": [{ omit: ["user_code"] }, /user_code/],
  "no verification_uri": [{ omit: ["verification_uri"] }, /verification_uri/],
  "a user_code that is no string": [{ set: { user_code: 7 } }, /user_code/],
  "a page": [{ text: "<html>Welcome</html>" }, /JSON/],
  "an empty body": [{ text: "" }, /JSON/],
  "an array": [{ json: [] }, /JSON/],
  "status 204": [{ status: 204, text: "" }, /204/],
};

for (const [what, [reply, message]] of Object.entries(UNUSABLE)) {
  test(`errors: a device reply with ${what} says what is wrong`, async (t) => {
    const { create } = await arrange(t, { replies: { devicecode: [reply] } });
    await rejects(create().getToken(GRAPH), { name: "AuthenticationError", message });
  });
}
