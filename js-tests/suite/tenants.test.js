/** Tokens for other tenants than the credential's own. */

import { deepEqual, equal, match, notEqual, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { arrange, GRAPH, REFUSE_CODES } from "./arrange.js";

/** The tenant that a call goes to. */
async function tenantOf(t, options, tenantId, authority) {
  const { s, create } = await arrange(t, REFUSE_CODES);
  await rejects(create({ authority, ...options }).getToken(GRAPH, { tenantId }), {
    statusCode: 401,
  });
  const [{ path }] = await s.requests("devicecode");
  return path.split("/")[1];
}

for (const [what, options, asked, expected] of [
  ["organizations by default", {}, undefined, "organizations"],
  ["the credential's own", { tenantId: "contoso.com" }, undefined, "contoso.com"],
  ["the credential's own when named", { tenantId: "contoso.com" }, "contoso.com", "contoso.com"],
  ["any for organizations", {}, "fabrikam.com", "fabrikam.com"],
  [
    "one that is allowed",
    { tenantId: "contoso.com", additionallyAllowedTenants: ["fabrikam.com"] },
    "fabrikam.com",
    "fabrikam.com",
  ],
  [
    "any if all are allowed",
    { tenantId: "contoso.com", additionallyAllowedTenants: ["*"] },
    "fabrikam.com",
    "fabrikam.com",
  ],
  ["none in particular when it is empty", { tenantId: "contoso.com" }, "", "contoso.com"],
]) {
  test(`tenants: ${what}`, async (t) => {
    equal(await tenantOf(t, options, asked), expected);
  });
}

test("tenants: ADFS has only itself", async (t) => {
  equal(await tenantOf(t, { tenantId: "adfs" }, "contoso.com", "adfs.contoso.com"), "adfs");
});

for (const [what, options] of [
  ["one that is not allowed", { tenantId: "contoso.com" }],
  [
    "one that is not among those allowed",
    { tenantId: "contoso.com", additionallyAllowedTenants: ["x.com"] },
  ],
  [
    "one that is not among those allowed, for organizations",
    { additionallyAllowedTenants: ["x.com"] },
  ],
]) {
  test(`tenants: refuses ${what}`, async (t) => {
    const { create, asked } = await arrange(t);
    const error = await rejects(create(options).getToken(GRAPH, { tenantId: "fabrikam.com" }), {
      name: "AuthenticationError",
      message: /fabrikam\.com/,
    });
    match(error.message, /additionallyAllowedTenants/);
    deepEqual(await asked(), []);
  });
}

test("tenants: each has tokens of its own, from one sign-in", async (t) => {
  const { create, prompts, asked } = await arrange(t);
  const credential = create();
  const own = await credential.getToken(GRAPH);
  const other = await credential.getToken(GRAPH, { tenantId: "fabrikam.com" });
  notEqual(other.token, own.token);
  equal((await credential.getToken(GRAPH)).token, own.token);
  equal((await credential.getToken(GRAPH, { tenantId: "fabrikam.com" })).token, other.token);
  equal(prompts.length, 1);
  deepEqual(await asked(), ["devicecode", "token", "refresh"]);
});
