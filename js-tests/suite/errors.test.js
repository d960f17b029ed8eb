/** The error classes, and what an error says. */

import {
  AuthenticationError,
  AuthenticationRequiredError,
  ClientAuthenticationError,
  CredentialUnavailableError,
} from "entra-device-code";
import { deepEqual, equal, match, ok, rejects } from "../harness/assert.js";
import { test } from "../harness/suite.js";
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
