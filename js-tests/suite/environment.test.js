/** The environment variables, where there is an environment. */

import { deepEqual, equal, match, notEqual, rejects, throws } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { arrange, GRAPH, REFUSE_CODES } from "./arrange.js";

/** Calls `construct` with the variables set. It is synchronous, so that no other case sees them. */
function withVariables(t, variables, construct) {
  const environment = globalThis.process?.env;
  if (!environment) t.skip("this runtime has no process.env");
  const before = Object.keys(variables).map((name) => [name, environment[name]]);
  Object.assign(environment, variables);
  try {
    return construct();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete environment[name];
      else environment[name] = value;
    }
  }
}

test("environment: AZURE_AUTHORITY_HOST is the default authority", async (t) => {
  const { s, create } = await arrange(t, REFUSE_CODES);
  const variables = { AZURE_AUTHORITY_HOST: "https://login.microsoftonline.us" };
  const byDefault = withVariables(t, variables, () => create());
  const told = withVariables(t, variables, () => create({ authority: "login.windows.net" }));
  const without = create();
  for (const credential of [byDefault, told, without]) {
    await rejects(credential.getToken(GRAPH), { statusCode: 401 });
  }
  deepEqual(
    (await s.requests()).map(({ host }) => host),
    ["login.microsoftonline.us", "login.windows.net", "login.microsoftonline.com"],
  );
});

test("environment: AZURE_AUTHORITY_HOST says nothing of a provider whose metadata's address is given", async (t) => {
  const { s, create } = await arrange(t, REFUSE_CODES);
  const variables = { AZURE_AUTHORITY_HOST: "https://login.microsoftonline.us" };
  const metadataUrl = `https://id.contoso.com/${s.id}/v2.0/.well-known/openid-configuration`;
  const credential = withVariables(t, variables, () => create({ metadataUrl }));
  await rejects(credential.getToken(GRAPH), { statusCode: 401 });
  deepEqual(
    (await s.requests()).map(({ host }) => host),
    ["id.contoso.com", "id.contoso.com"],
  );
});

test("environment: an empty AZURE_AUTHORITY_HOST is none, a bad one is named", async (t) => {
  const { s, create } = await arrange(t, REFUSE_CODES);
  const credential = withVariables(t, { AZURE_AUTHORITY_HOST: "" }, () => create());
  await rejects(credential.getToken(GRAPH), { statusCode: 401 });
  const error = throws(
    () => withVariables(t, { AZURE_AUTHORITY_HOST: "http://contoso.com" }, () => create()),
    TypeError,
  );
  match(error.message, /AZURE_AUTHORITY_HOST/);
  equal((await s.requests()).length, 1);
});

test("environment: AZURE_IDENTITY_DISABLE_MULTITENANTAUTH pins the tenant, from call to call", async (t) => {
  const { s, create } = await arrange(t, REFUSE_CODES);
  const variables = { AZURE_IDENTITY_DISABLE_MULTITENANTAUTH: "true" };
  const credential = create({ tenantId: "contoso.com", additionallyAllowedTenants: ["*"] });
  const call = () => credential.getToken(GRAPH, { tenantId: "fabrikam.com" });
  await rejects(withVariables(t, variables, call), { statusCode: 401 });
  await rejects(call(), { statusCode: 401 });
  deepEqual(
    (await s.requests()).map(({ path }) => path),
    ["/contoso.com/oauth2/v2.0/devicecode", "/fabrikam.com/oauth2/v2.0/devicecode"],
  );
});

test("environment: AZURE_TENANT_ID and AZURE_CLIENT_ID are the command line program's alone", async (t) => {
  const { s, create } = await arrange(t, REFUSE_CODES);
  const variables = {
    AZURE_TENANT_ID: "fabrikam.com",
    AZURE_CLIENT_ID: "99999999-2222-3333-4444-555555555555",
  };
  for (const options of [{}, { tenantId: "contoso.com" }]) {
    const credential = withVariables(t, variables, () => create(options));
    await rejects(
      withVariables(t, variables, () => credential.getToken(GRAPH)),
      { statusCode: 401 },
    );
  }
  await rejects(create().getToken(GRAPH), { statusCode: 401 });
  const requests = await s.requests();
  deepEqual(
    requests.map(({ path }) => path.split("/")[1]),
    ["organizations", "contoso.com", "organizations"],
  );
  equal(new Set(requests.map(({ form }) => form.client_id)).size, 1);
  notEqual(requests[0].form.client_id, variables.AZURE_CLIENT_ID);
});
