/** Flows that are not as they should be, or somebody else's. */

import { deepEqual, equal, match, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { arrange, CLAIMS, GRAPH } from "./arrange.js";
import { ONCE, stored, WAYS } from "./device-flows.js";

const CHANGED = /^`flow` was changed\b.*`initiateDeviceFlow`/;

/** @returns the message of the TypeError with which `flow` is refused; in either way, and nothing is sent */
async function refused({ create, asked }, flow, options) {
  const before = (await asked()).length;
  const errors = [];
  for (const way of Object.values(WAYS)) {
    errors.push(await rejects(create(options).acquireTokenByDeviceFlow(flow, way), TypeError));
  }
  equal((await asked()).length, before);
  equal(errors[0].message, errors[1].message);
  match(errors[0].message, /`flow`/);
  return errors[0].message;
}

test("device flow: what is no object is refused, and the message says what it is", async (t) => {
  const arrangement = await arrange(t);
  const flow = await arrangement.create().initiateDeviceFlow(GRAPH);
  for (const [value, kind] of [
    [undefined, "undefined"],
    [null, "null"],
    ["", "a string"],
    [JSON.stringify(flow), "a string"],
    [7, "a number"],
    [true, "a boolean"],
    [[], "an array"],
    [[flow], "an array"],
    [() => flow, "a function"],
  ]) {
    const message = await refused(arrangement, value);
    match(message, /initiateDeviceFlow/);
    match(message, new RegExp(`not ${kind}$`));
    ok(!message.includes(flow.deviceCode));
  }
});

test("device flow: a promise of a flow is refused", async (t) => {
  const arrangement = await arrange(t);
  const promise = arrangement.create().initiateDeviceFlow(GRAPH);
  await promise;
  await refused(arrangement, promise);
});

/** Another value of the same type, or of another. */
const OTHER = {
  boolean: (value) => [!value, "yes", undefined],
  number: (value) => [value + 1, String(value), 0, -1, null],
  string: (value) => [`${value}x`, value.slice(1), "", 7, null, {}],
  object: (value) => [[], [...value, "x"], value.join(" "), null],
};

test("device flow: a change to any member is found", async (t) => {
  const arrangement = await arrange(t, {
    replies: { devicecode: [{ set: { verification_uri_complete: "https://contoso.com/?c=A" } }] },
  });
  const { s, create } = arrangement;
  const options = { claims: CLAIMS, tenantId: s.user.tid, enableCae: true };
  const begun = await create().initiateDeviceFlow(GRAPH, options);
  const { flow } = await create({ fetch: failing }).acquireTokenByDeviceFlow(begun, ONCE);
  const names = Object.keys(flow);
  ok(names.length > 15, names.join(", "));
  for (const name of names) {
    for (const value of OTHER[typeof flow[name]](flow[name])) {
      const message = await refused(arrangement, { ...flow, [name]: value });
      match(message, CHANGED, `${name}: ${JSON.stringify(value)}`);
      ok(!message.includes(flow.deviceCode));
    }
  }
  equal((await create().acquireTokenByDeviceFlow(flow, ONCE)).status, "succeeded");
});

async function failing() {
  throw new Error("no network");
}

test("device flow: a member that is missing or too many is found", async (t) => {
  const arrangement = await arrange(t);
  const flow = await arrangement.create().initiateDeviceFlow(GRAPH);
  for (const name of Object.keys(flow)) {
    const { [name]: _, ...rest } = flow;
    match(await refused(arrangement, rest), CHANGED, name);
  }
  for (const value of [
    {},
    { ...flow, extra: 1 },
    { ...flow, claims: CLAIMS },
    { ...flow, a: 1n },
  ]) {
    match(await refused(arrangement, value), CHANGED);
  }
});

test("device flow: parts of two don't make one", async (t) => {
  const arrangement = await arrange(t);
  const one = await arrangement.create().initiateDeviceFlow(GRAPH);
  const other = await arrangement.create().initiateDeviceFlow(GRAPH);
  for (const mixed of [
    { ...one, deviceCode: other.deviceCode },
    { ...one, deviceCode: other.deviceCode, userCode: other.userCode },
    { ...one, integrity: other.integrity },
    { ...one, deviceCode: other.deviceCode, integrity: other.integrity },
  ]) {
    match(await refused(arrangement, mixed), CHANGED);
  }
});

/** The flow with an integrity that fits, as version 1 has it: anyone can compute that. */
function sealed({ integrity: _, ...flow }) {
  const members = Object.entries(stored(flow)).sort(([a], [b]) => (a < b ? -1 : 1));
  let [one, other] = [0x811c9dc5, 0xcbf29ce4];
  for (const unit of JSON.stringify(members).split("")) {
    one = Math.imul(one ^ unit.charCodeAt(0), 0x01000193);
    other = Math.imul(other ^ unit.charCodeAt(0), 0x85ebca6b);
  }
  const hex = (half) => (half >>> 0).toString(16).padStart(8, "0");
  return { ...stored(flow), integrity: hex(one) + hex(other) };
}

test("device flow: a release goes on with the flows of those before it", async (t) => {
  const { s, create } = await arrange(t);
  const { deviceCode } = await create().initiateDeviceFlow(GRAPH);
  const flow = sealed({
    userCode: "USERCODE",
    verificationUri: "https://microsoft.com/devicelogin",
    message: "enter USERCODE",
    deviceCode,
    authority: "https://login.microsoftonline.com",
    expiresOnTimestamp: Date.now() + 60_000,
    pollAfterTimestamp: Date.now(),
    interval: 5,
    clientId: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    tenantId: "organizations",
    scopes: [GRAPH],
    enableCae: false,
    correlationId: "03f8c983-0ca9-4f20-bdd6-cebb4b33f712",
    version: "1",
  });
  equal((await create().acquireTokenByDeviceFlow(flow)).status, "succeeded");
  const [{ headers }] = await s.requests("token");
  equal(headers["client-request-id"], flow.correlationId);
});

test("device flow: one of another version is refused", async (t) => {
  const arrangement = await arrange(t);
  const flow = await arrangement.create().initiateDeviceFlow(GRAPH);
  deepEqual(sealed(flow), flow);
  match(await refused(arrangement, sealed({ ...flow, version: "2" })), /version 2.*version 1/);
  for (const version of ["", 1, null, "x"]) {
    match(await refused(arrangement, sealed({ ...flow, version })), /version/);
  }
});

test("device flow: members of the wrong kind are refused, though the integrity fits", async (t) => {
  const arrangement = await arrange(t);
  const { create, s } = arrangement;
  const options = { claims: CLAIMS, tenantId: s.user.tid, enableCae: true };
  const flow = await create().initiateDeviceFlow(GRAPH, options);
  const wrongFor = {
    string: [7, true, {}, ["a"], [null]],
    number: ["", "soon", null, {}, []],
    object: [7, "", GRAPH, null, {}, [], [7], [null], [[GRAPH]], [""]],
  };
  // The tenant that was named counts.
  const unused = ["userCode", "verificationUri", "message", "tenantId", "integrity"];
  for (const [name, value] of Object.entries(flow)) {
    if (unused.includes(name)) continue;
    for (const wrong of wrongFor[typeof value] ?? []) {
      const message = await refused(arrangement, sealed({ ...flow, [name]: wrong }));
      ok(!message.includes(flow.deviceCode));
    }
  }
  equal((await create().acquireTokenByDeviceFlow(flow, ONCE)).status, "succeeded");
});

for (const [what, begun, other, expected] of [
  [
    "another application",
    {},
    { clientId: "other" },
    [/04b07795-8ddb-461a-bbee-02f9e1bf7b46/, /\bother\b/],
  ],
  [
    "another authority",
    {},
    { authority: "login.microsoftonline.us" },
    [/login\.microsoftonline\.com/, /login\.microsoftonline\.us/],
  ],
  [
    "another tenant",
    { tenantId: "contoso.com" },
    { tenantId: "fabrikam.com" },
    [/tenant/i, /contoso\.com/, /fabrikam\.com/],
  ],
  ["a tenant where it was none in particular", {}, { tenantId: "contoso.com" }, [/organizations/]],
]) {
  test(`device flow: ${what} than the credential's is refused`, async (t) => {
    const arrangement = await arrange(t);
    const flow = await arrangement.create(begun).initiateDeviceFlow(GRAPH);
    const message = await refused(arrangement, stored(flow), other);
    for (const pattern of expected) match(message, pattern);
    equal((await arrangement.create(begun).acquireTokenByDeviceFlow(flow)).status, "succeeded");
  });
}

test("device flow: a tenant that its beginner could name, and this credential may not", async (t) => {
  const arrangement = await arrange(t);
  const own = { tenantId: "contoso.com" };
  const allowed = { ...own, additionallyAllowedTenants: ["fabrikam.com"] };
  const asked = { tenantId: "fabrikam.com" };
  const flow = await arrangement.create(allowed).initiateDeviceFlow(GRAPH, asked);
  await rejects(arrangement.create(own).acquireTokenByDeviceFlow(flow), {
    name: "AuthenticationError",
    message: /fabrikam\.com.*additionallyAllowedTenants/,
  });
  equal((await arrangement.asked()).length, 1);
  equal((await arrangement.create(allowed).acquireTokenByDeviceFlow(flow)).status, "succeeded");
});

test("device flow: wrong options of acquireTokenByDeviceFlow are TypeErrors", async (t) => {
  const { create, asked } = await arrange(t);
  const credential = create();
  const flow = await credential.initiateDeviceFlow(GRAPH);
  for (const [options, name] of [
    [7, "options"],
    ["once", "options"],
    [{ once: "yes" }, "once"],
    [{ once: 1 }, "once"],
    [{ abortSignal: {} }, "abortSignal"],
    [{ signal: true }, "signal"],
  ]) {
    const error = await rejects(credential.acquireTokenByDeviceFlow(flow, options), TypeError);
    match(error.message, new RegExp(`\`${name}\``));
  }
  deepEqual(await asked(), ["devicecode"]);
});
