/** `parseClaimsChallenge`: from a resource's 401 to the `claims` of `getToken`. */

import { parseClaimsChallenge } from "entra-device-code";
import { equal, match, notEqual, throws } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { arrange, GRAPH } from "./arrange.js";

const CLAIMS =
  '{"access_token":{"nbf":{"essential":true,"value":"1604106651"},"ö":{"value":"?>"}}}';
const BASE64 = encode(CLAIMS);
const BASE64URL = BASE64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Of Graph, of Azure Resource Manager, and of whoever writes the header in another way that RFC 9110 allows. */
const CHALLENGES = {
  "insufficient claims": `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000", error="insufficient_claims", claims="${BASE64}"`,
  "a session that was revoked": `Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="User session has been revoked", claims="${BASE64}"`,
  "base64url without padding": `Bearer claims="${BASE64URL}"`,
  "other cases and spaces": `BEARER  error = "insufficient_claims" ,CLAIMS = "${BASE64}"`,
  "no quotes": `Bearer error=insufficient_claims, claims=${BASE64}, realm=x`,
  "several schemes": `Basic realm="claims=\\"e30=\\"", Negotiate YIIabc==, Bearer claims="${BASE64}", DPoP algs="ES256"`,
  "several of one scheme": `Bearer error="insufficient_scope", Bearer claims="${BASE64}"`,
  "plain JSON": `Bearer claims="${CLAIMS.replaceAll('"', '\\"')}"`,
};

const NONE = {
  "no header": undefined,
  "null, as Headers.get has it": null,
  "an empty one": "",
  "a challenge without claims": 'Bearer realm="", error="invalid_token"',
  "claims within a quoted text": `Bearer realm="claims=\\"${BASE64}\\""`,
  "the claims of another scheme": `PoP claims="${BASE64}"`,
  "a parameter that only ends so": `Bearer xclaims="${BASE64}"`,
  "what is no base64": 'Bearer claims="{"',
  "base64 of no JSON": `Bearer claims="${encode("claims")}"`,
  "base64 of no UTF-8": 'Bearer claims="eyL/Ijp7fX0="',
  "JSON that is no object": `Bearer claims="${encode("[]")}", Bearer claims="${encode("null")}"`,
  "a quote that never ends": `Bearer realm="${"\\\\".repeat(1000)}`,
};

for (const [name, header] of Object.entries(CHALLENGES)) {
  test(`claims challenge: ${name}`, async () => {
    equal(parseClaimsChallenge(header), CLAIMS);
    const headers = { "www-authenticate": header };
    equal(parseClaimsChallenge(new Response("", { status: 401, headers })), CLAIMS);
  });
}

for (const [name, header] of Object.entries(NONE)) {
  test(`claims challenge: none in ${name}`, async () => {
    equal(parseClaimsChallenge(header), undefined);
  });
}

test("claims challenge: of a response without one, there is none", async () => {
  equal(parseClaimsChallenge(new Response("")), undefined);
});

test("claims challenge: of what is neither response nor text, the error says what would be right", async () => {
  for (const wrong of [401, {}, { headers: {} }, { headers: { get: () => 401 } }, true]) {
    const error = throws(() => parseClaimsChallenge(wrong));
    equal(error.name, "TypeError");
    match(error.message, /^`challenge` must be a Response/);
  }
});

test("claims challenge: its claims get another token, for a fetch of one's own", async (t) => {
  const { s, create, prompts } = await arrange(t);
  const credential = create();
  const first = await credential.getToken(GRAPH);
  const headers = { "www-authenticate": CHALLENGES["insufficient claims"] };
  const response = new Response("", { status: 401, headers });

  const claims = parseClaimsChallenge(response);
  const second = await credential.getToken(GRAPH, { claims });

  notEqual(second.token, first.token);
  equal((await s.requests("refresh"))[0].form.claims, CLAIMS);
  equal(prompts.length, 1);
});

function encode(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
