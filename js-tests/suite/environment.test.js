/** The environment variables, where there is an environment. They are read by the constructor. */

import { deepEqual, equal, match, rejects, throws } from "../harness/assert.js";
import { test } from "../harness/suite.js";
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

test("environment: AZURE_IDENTITY_DISABLE_MULTITENANTAUTH pins the tenant", async (t) => {
  const { s, create } = await arrange(t, REFUSE_CODES);
  const variables = { AZURE_IDENTITY_DISABLE_MULTITENANTAUTH: "true" };
  const credential = withVariables(t, variables, () =>
    create({ tenantId: "contoso.com", additionallyAllowedTenants: ["*"] }),
  );
  await rejects(credential.getToken(GRAPH, { tenantId: "fabrikam.com" }), { statusCode: 401 });
  deepEqual(
    (await s.requests()).map(({ path }) => path),
    ["/contoso.com/oauth2/v2.0/devicecode"],
  );
});
