/** The servers, tested by hand-written requests: what the package's tests rest on. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { trustingFetch } from "./https-client.js";
import { startServers } from "./start.js";

const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const ARM = "https://management.core.windows.net//.default offline_access openid profile";
const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** @type {import("./start.js").Servers} */
let servers;
/** @type {ReturnType<typeof trustingFetch>} */
let https;

before(async () => {
  servers = await startServers();
  https = trustingFetch(await readFile(servers.certificate.caFile, "utf8"));
});
after(() => servers.stop());

async function control(method, path, body) {
  const init = { method, body: body && JSON.stringify(body) };
  const response = await fetch(`${servers.entra.control}/_/${path}`, init);
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

async function post(url, form) {
  const response = await https(url, { method: "POST", body: new URLSearchParams(form) });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

/** @param {string} id of a scenario, reached as a tenant */
function client(id) {
  const base = `${servers.entra.url}/${id}/oauth2/v2.0`;
  const client_id = "app";
  return {
    begin: (more) => post(`${base}/devicecode`, { client_id, scope: ARM, ...more }),
    poll: (device_code, more) =>
      post(`${base}/token`, {
        client_id,
        grant_type: DEVICE_CODE_GRANT,
        device_code,
        client_info: "1",
        ...more,
      }),
    refresh: (refresh_token, more) =>
      post(`${base}/token`, {
        client_id,
        grant_type: "refresh_token",
        refresh_token,
        scope: ARM,
        client_info: "1",
        ...more,
      }),
  };
}

function decode(segment) {
  return JSON.parse(Buffer.from(segment, "base64url").toString());
}

test("entra: a sign-in, and its refresh, as Entra answers them", async () => {
  const { user } = await control("PUT", "scenarios/happy", { approveAfterPolls: 1, interval: 1 });
  const { begin, poll, refresh } = client("happy");

  const begun = await begin();
  assert.equal(begun.status, 200);
  assert.deepEqual(Object.keys(begun.json).sort(), [
    "device_code",
    "expires_in",
    "interval",
    "message",
    "user_code",
    "verification_uri",
  ]);
  assert.match(begun.json.user_code, /^[A-Z0-9]{9}$/);
  assert.match(begun.json.message, new RegExp(`enter the code ${begun.json.user_code} to`));
  assert.equal(begun.json.expires_in, 900);
  assert.equal(begun.json.interval, 1);

  const pending = await poll(begun.json.device_code);
  assert.equal(pending.status, 400);
  assert.equal(pending.json.error, "authorization_pending");
  assert.deepEqual(pending.json.error_codes, [70016]);
  assert.match(
    pending.json.error_description,
    /^AADSTS70016: .* Trace ID: .* Correlation ID: .* Timestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/,
  );
  assert.match(pending.json.trace_id, GUID);
  assert.match(pending.json.correlation_id, GUID);

  const done = await poll(begun.json.device_code);
  assert.equal(done.status, 200);
  const { access_token, id_token, client_info, refresh_token, ...plain } = done.json;
  assert.deepEqual(plain, {
    token_type: "Bearer",
    scope:
      "https://management.core.windows.net//user_impersonation https://management.core.windows.net//.default",
    expires_in: 3599,
    ext_expires_in: 3599,
  });
  const [, accessClaims] = access_token.split(".");
  assert.equal(decode(accessClaims).aud, "https://management.core.windows.net/");
  const claims = decode(id_token.split(".")[1]);
  assert.equal(claims.aud, "app");
  assert.equal(claims.iss, `https://login.microsoftonline.com/${user.tid}/v2.0`);
  assert.equal(claims.oid, user.oid);
  assert.equal(claims.preferred_username, "ada@contoso.com");
  assert.deepEqual(decode(client_info), { uid: user.oid, utid: user.tid });

  const redeemed = await poll(begun.json.device_code);
  assert.deepEqual(redeemed.json.error_codes, [54005]);

  const refreshed = await refresh(refresh_token);
  assert.equal(refreshed.status, 200);
  assert.notEqual(refreshed.json.access_token, access_token);
  assert.notEqual(refreshed.json.refresh_token, refresh_token);

  const requests = await control("GET", "scenarios/happy/requests");
  assert.deepEqual(
    requests.map(({ n, endpoint, status }) => [n, endpoint, status]),
    [
      [0, "devicecode", 200],
      [1, "token", 400],
      [2, "token", 200],
      [3, "token", 400],
      [4, "refresh", 200],
    ],
  );
  assert.equal(requests[1].form.device_code, begun.json.device_code);
  assert.equal(requests[0].path, "/happy/oauth2/v2.0/devicecode");
  assert.ok(requests.every((each, i) => i === 0 || each.at > requests[i - 1].at));
});

test("entra: approve, decline, expire, revoke", async () => {
  await control("PUT", "scenarios/ends", { approveAfterPolls: null });
  const { begin, poll, refresh } = client("ends");

  const first = (await begin()).json;
  assert.equal((await poll(first.device_code)).json.error, "authorization_pending");
  assert.deepEqual(await control("POST", "scenarios/ends/approve"), { codes: 1 });
  const { json: tokens } = await poll(first.device_code);
  assert.ok(tokens.access_token);
  assert.deepEqual(await control("POST", "scenarios/ends/revoke"), { tokens: 1 });
  const revoked = await refresh(tokens.refresh_token);
  assert.equal(revoked.json.error, "invalid_grant");
  assert.deepEqual(revoked.json.error_codes, [50173]);
  assert.deepEqual((await refresh("nonsense")).json.error_codes, [70000]);

  const second = (await begin()).json;
  const third = (await begin()).json;
  await control("POST", "scenarios/ends/decline", { userCode: second.user_code });
  assert.equal((await poll(second.device_code)).json.error, "authorization_declined");
  assert.equal((await poll(third.device_code)).json.error, "authorization_pending");

  await control("POST", "scenarios/ends/script", { expiresIn: 0 });
  const fourth = (await begin()).json;
  assert.equal((await poll(fourth.device_code)).json.error, "expired_token");
  assert.equal((await poll("nonsense")).json.error, "bad_verification_code");
});

test("entra: polling too fast gets slow_down when the scenario says so", async () => {
  await control("PUT", "scenarios/fast", { interval: 1, enforceInterval: true });
  await control("POST", "scenarios/fast/script", { approveAfterPolls: null });
  const { begin, poll } = client("fast");
  const { device_code } = (await begin()).json;
  assert.equal((await poll(device_code)).json.error, "authorization_pending");
  assert.equal((await poll(device_code)).json.error, "slow_down");
});

test("entra: foci, refresh_in and other fields of a scenario", async () => {
  const user = { oid: "o", tid: "t", username: "grace@contoso.com" };
  const config = { foci: true, refreshIn: 60, tokenExpiresIn: 120, user, refreshTokens: ["seed"] };
  await control("PUT", "scenarios/fields", config);
  const { begin, poll, refresh } = client("fields");
  const { json } = await poll((await begin()).json.device_code);
  assert.equal(json.foci, "1");
  assert.equal(json.refresh_in, 60);
  assert.equal(json.expires_in, 120);
  assert.deepEqual(decode(json.client_info), { uid: "o", utid: "t" });
  const another = await refresh(json.refresh_token, { client_id: "of-the-family" });
  assert.equal(another.status, 200);
  assert.equal((await refresh("seed")).status, 200);
});

test("entra: where refresh tokens are retired, each serves once", async () => {
  await control("PUT", "scenarios/retires", { retiresRefreshTokens: true });
  const { begin, poll, refresh } = client("retires");
  const { refresh_token } = (await poll((await begin()).json.device_code)).json;
  const { json } = await refresh(refresh_token);
  const again = await refresh(refresh_token);
  assert.deepEqual([again.status, again.json.error], [400, "invalid_grant"]);
  // Its successor is as good as before.
  assert.equal((await refresh(json.refresh_token)).status, 200);
});

test("entra: replies under way, and such as wait for other requests", async () => {
  const replies = { devicecode: [{ together: 2 }, { together: 2 }] };
  await control("PUT", "scenarios/slow", { latency: [40, 60], replies });
  const { begin } = client("slow");
  const first = begin();
  await control("GET", "scenarios/slow/requests?atLeast=1");
  const [alone] = await control("GET", "scenarios/slow/requests");
  assert.equal(alone.status, undefined);
  await Promise.all([first, begin()]);
  const asked = await control("GET", "scenarios/slow/requests");
  const [one, other] = asked;
  for (const { at, repliedAt } of asked) {
    assert.ok(repliedAt - Math.max(at, other.at) >= 30, `${repliedAt}`);
  }
  assert.ok(one.repliedAt > other.at);
});

test("entra: scripted replies, in order", async () => {
  const { url } = servers.entra;
  await control("PUT", "scenarios/scripted", {
    replies: {
      devicecode: [{ set: { interval: "2" }, omit: ["message"] }],
      token: [
        { error: "slow_down" },
        { error: "AADSTS50076", set: { claims: "{}" } },
        { status: 429, headers: { "Retry-After": "3" }, json: { error: "busy" }, repeat: 2 },
        { status: 502, text: '"not" {json' },
        { redirect: true },
        { big: 2_000_000 },
      ],
    },
  });
  const { begin, poll } = client("scripted");
  const { json: begun } = await begin();
  assert.equal(begun.interval, "2");
  assert.equal(begun.message, undefined);
  assert.equal((await poll(begun.device_code)).json.error, "slow_down");
  const mfa = await poll(begun.device_code);
  assert.deepEqual([mfa.json.error, mfa.json.claims], ["interaction_required", "{}"]);
  for (let i = 0; i < 2; i++) {
    const busy = await poll(begun.device_code);
    assert.deepEqual([busy.status, busy.headers.get("retry-after")], [429, "3"]);
  }
  await assert.rejects(poll(begun.device_code), SyntaxError);
  const form = new URLSearchParams({ grant_type: DEVICE_CODE_GRANT });
  const token = `${url}/scripted/oauth2/v2.0/token`;
  const redirect = await https(token, { method: "POST", body: form });
  assert.equal(redirect.status, 302);
  assert.equal(redirect.headers.get("location"), `${url}/~scripted/elsewhere.test/`);
  const { json: big } = await poll(begun.device_code);
  assert.ok(big.access_token);
  assert.equal(big.padding.length, 2_000_000);
});

test("entra: connections that drop, replies that hang, clients that leave", async () => {
  const drops = ["connect", "headers", "body"].map((drop) => ({ drop }));
  const token = [...drops, { hang: true }, { delayMs: 150 }];
  await control("PUT", "scenarios/faults", { replies: { token } });
  const { begin, poll } = client("faults");
  const { device_code } = (await begin()).json;
  for (const _ of drops) await assert.rejects(poll(device_code), { code: "ECONNRESET" });

  // It hangs until the scenario goes; the others do not wait for it.
  const hanging = poll(device_code);
  hanging.catch(() => {});
  const waiting = await control("GET", "scenarios/faults/requests?endpoint=token&atLeast=4");
  assert.equal(waiting.length, 4);
  const startedAt = performance.now();
  assert.ok((await poll(device_code)).json.access_token);
  assert.ok(performance.now() - startedAt >= 150);
  await control("DELETE", "scenarios/faults");
  await assert.rejects(hanging, { code: "ECONNRESET" });
});

test("entra: discovery leads back to the scenario, in both styles", async () => {
  const { url } = servers.entra;
  const { user } = await control("PUT", "scenarios/found", { knownHosts: ["login.contoso.test"] });
  const get = async (address) => {
    const response = await https(address);
    return { status: response.status, json: await response.json() };
  };

  const asTenant = await get(`${url}/found/v2.0/.well-known/openid-configuration`);
  assert.equal(asTenant.json.device_authorization_endpoint, `${url}/found/oauth2/v2.0/devicecode`);
  assert.equal(asTenant.json.issuer, `https://login.microsoftonline.com/${user.tid}/v2.0`);

  const rewritten = await get(
    `${url}/~found/login.contoso.test/adfs/.well-known/openid-configuration`,
  );
  assert.equal(rewritten.json.token_endpoint, "https://login.contoso.test/adfs/oauth2/token");
  const adfs = await post(`${url}/~found/login.contoso.test/adfs/oauth2/devicecode`, {
    client_id: "app",
    scope: "openid",
  });
  assert.equal(adfs.status, 200);

  const discover = (host, version) =>
    get(
      `${url}/~found/login.microsoftonline.com/common/discovery/instance?api-version=${version}` +
        `&authorization_endpoint=https://${host}/contoso/oauth2/v2.0/authorize`,
    );
  const known = await discover("login.contoso.test", "1.1");
  assert.equal(
    known.json.tenant_discovery_endpoint,
    "https://login.contoso.test/contoso/v2.0/.well-known/openid-configuration",
  );
  assert.ok(known.json.metadata[0].aliases.includes("login.windows.net"));
  assert.deepEqual(Object.keys((await discover("login.microsoftonline.us", "1.0")).json), [
    "tenant_discovery_endpoint",
  ]);
  const unknown = await discover("login.fabrikam.test", "1.1");
  assert.equal(unknown.status, 400);
  assert.equal(unknown.json.error, "invalid_instance");

  assert.equal((await https(`${url}/~found/login.contoso.test/nowhere`)).status, 404);
  assert.deepEqual((await client("nobody").begin()).json.error_codes, [90002]);
  const hosts = await control("GET", "scenarios/found/requests?endpoint=unknown");
  assert.deepEqual([hosts[0].host, hosts[0].path], ["login.contoso.test", "/nowhere"]);
});

test("entra: a misspelt setting is refused", async () => {
  const init = { method: "PUT", body: JSON.stringify({ aproveAfterPolls: 1 }) };
  const response = await fetch(`${servers.entra.control}/_/scenarios/misspelt`, init);
  assert.equal(response.status, 400);
  assert.match(await response.text(), /aproveAfterPolls/);
});

test("oidc: a sign-in through the provider's own pages, its refresh, and a refusal", async () => {
  const { url, tenant, clientId, scope } = servers.oidc;
  const found = await https(`${url}/${tenant}/v2.0/.well-known/openid-configuration`);
  const { device_authorization_endpoint, token_endpoint } = await found.json();
  const scopes = `${scope} offline_access openid profile`;
  const begin = async () =>
    (await post(device_authorization_endpoint, { client_id: clientId, scope: scopes })).json;
  const poll = ({ device_code }) =>
    post(token_endpoint, {
      client_id: clientId,
      grant_type: DEVICE_CODE_GRANT,
      device_code,
      code: device_code,
      client_info: "1",
    });

  const code = await begin();
  assert.equal((await poll(code)).json.error, "authorization_pending");
  const person = { verificationUri: code.verification_uri, userCode: code.user_code };
  await servers.person.approve({ ...person, username: "grace@contoso.com" });
  const { status, json: tokens } = await poll(code);
  assert.equal(status, 200);
  assert.equal(tokens.scope, scopes);
  assert.equal(decode(tokens.id_token.split(".")[1]).preferred_username, "grace@contoso.com");

  const refreshed = await post(token_endpoint, {
    client_id: clientId,
    grant_type: "refresh_token",
    refresh_token: tokens.refresh_token,
    scope: scopes,
    client_info: "1",
  });
  assert.equal(refreshed.status, 200);
  assert.notEqual(refreshed.json.access_token, tokens.access_token);

  const refused = await begin();
  const errand = { verificationUri: refused.verification_uri, userCode: refused.user_code };
  await control("POST", "person/deny", errand);
  assert.equal((await poll(refused)).json.error, "access_denied");
});
