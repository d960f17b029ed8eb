/** The same app, with `@azure/identity` and with this package: it must notice no difference. */

import { deepEqual, equal, notEqual, ok, rejects } from "../../base/harness/assert.js";
import { createScenario } from "../../base/harness/scenario.js";
import { testServers } from "../../base/harness/servers.js";
import { test } from "../../base/harness/suite.js";

const LIBRARIES = ["theirs", "ours"];

async function settings(t, config) {
  const s = await createScenario(config);
  t.after(() => s.remove());
  return { authorityHost: s.authority(), tenantId: s.id };
}

const EXPECTED = {
  signIn: [
    ["prompt", "https://microsoft.com/devicelogin", 9, true],
    ["record", ["ada@contoso.com", "7b0d2d6e-58f5-4f3b-8f7a-2f0c1d0f3a55", 2]],
    ["token", 3, true],
    ["cached", true],
    ["other scope", true],
    ["own tenant", true],
    ["restored", ["ada@contoso.com", "7b0d2d6e-58f5-4f3b-8f7a-2f0c1d0f3a55", 2], "1.0"],
  ],
  askLater: [
    ["AuthenticationRequiredError", true, ["https://graph.microsoft.com/.default"]],
    "prompt",
    3,
  ],
};

for (const library of LIBRARIES) {
  test(`app: compiles with ${library}`, () => {
    // The runner has compiled it; otherwise there would be nothing to run.
    const { passed, output } = testServers().compiled[library];
    ok(passed, output);
  });

  for (const [part, expected] of Object.entries(EXPECTED)) {
    test(`app: ${part}, with ${library}`, async (t) => {
      const app = await import(`./${library}/app.js`);
      deepEqual(await app[part](await settings(t)), expected);
    });
  }
}

test("app: an abort is noticed at once", async (t) => {
  const { giveUp } = await import("./ours/app.js");
  deepEqual(await giveUp(await settings(t)), ["AbortError"]);
});

test("app: the hosts of the clouds are the same", async () => {
  const [theirs, ours] = await Promise.all(LIBRARIES.map((each) => import(`./${each}/app.js`)));
  deepEqual(ours.hosts, theirs.hosts);
});

test("app: records go to and fro between the libraries", async (t) => {
  const { DeviceCodeCredential, ...ours } = await import("entra-device-code");
  const theirs = await import("@azure/identity");
  const credential = new DeviceCodeCredential({
    ...(await settings(t)),
    disableInstanceDiscovery: true,
    userPromptCallback: () => {},
  });
  const record = await credential.authenticate("https://graph.microsoft.com/.default");
  const read = theirs.deserializeAuthenticationRecord(ours.serializeAuthenticationRecord(record));
  const back = ours.deserializeAuthenticationRecord(theirs.serializeAuthenticationRecord(read));
  deepEqual({ ...back }, { ...record });
});

test("failures: an app finds what the server said", async (t) => {
  const { report } = await import("./ours/failures.js");
  const replies = (name, error) => ({ replies: { [name]: [{ error, repeat: "forever" }] } });
  for (const [config, expected] of [
    [replies("devicecode", 7000218), [401, "invalid_client", [7000218]]],
    [replies("token", "authorization_declined"), [400, "authorization_declined", []]],
    [replies("token", "expired_token"), [400, "expired_token", [70020]]],
  ]) {
    deepEqual(await report(await settings(t, config)), ["AuthenticationError", ...expected]);
  }
});

test("failures: errors made by an app look alike", async () => {
  const [theirs, ours] = await Promise.all(
    LIBRARIES.map(async (each) => (await import(`./${each}/failures.js`)).made()),
  );
  for (const [n, error] of ours.entries()) {
    equal(error.name, theirs[n].name);
    equal(error.statusCode, theirs[n].statusCode);
    equal(error.errorResponse?.error, theirs[n].errorResponse?.error);
    equal(error.errorResponse?.errorDescription, theirs[n].errorResponse?.errorDescription);
    ok(error instanceof Error);
  }
});

for (const library of LIBRARIES) {
  test(`chain: falls through a credential that may not prompt, with ${library}`, async (t) => {
    const { fallThrough } = await import(`./${library}/chain.js`);
    equal(await fallThrough(await settings(t)), "of the next");
  });

  test(`chain: uses one that signs in, with ${library}`, async (t) => {
    const { useFirst } = await import(`./${library}/chain.js`);
    notEqual(await useFirst(await settings(t)), "of the next");
  });

  test(`chain: gathers the errors, with ${library}`, async (t) => {
    const { allUnavailable } = await import(`./${library}/chain.js`);
    deepEqual(await allUnavailable(await settings(t)), [
      "AggregateAuthenticationError",
      ["AuthenticationRequiredError"],
    ]);
  });
}

test("chain: does not go on after a failed authentication", async (t) => {
  const { useFirst } = await import("./ours/chain.js");
  const config = { replies: { devicecode: [{ error: 700016 }] } };
  await rejects(useFirst(await settings(t, config)), { name: "AuthenticationError" });
});
