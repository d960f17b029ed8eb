/**
 * Other OpenID providers than Microsoft's, none of which anybody here wrote, found by `metadataUrl` and asked for no scope that they
 * don't know. The packed package is installed as a user installs it:
 *
 *     node peers/providers/run.js [--tarball FILE] [--only PART-OF-A-NAME]
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { deepEqual, equal, match, notEqual, ok, rejects } from "../../base/harness/assert.js";
import { closingLine, run, test } from "../../base/harness/suite.js";
import { createProject } from "../../base/runners/project.js";
import { createCertificate } from "../../base/servers/certificate.js";
import { trustingFetch } from "../../base/servers/https-client.js";
import { PROVIDERS } from "./providers.js";

const { values } = parseArgs({
  options: { tarball: { type: "string" }, only: { type: "string" } },
});

/** What is to be undone at the end, the last first. */
const stops = [];
try {
  const project = await createProject({ tarball: values.tarball });
  stops.push(project.remove);
  const certificate = await createCertificate();
  stops.push(certificate.remove);
  const require = createRequire(join(project.dir, "package.json"));
  const { DeviceCodeCredential } = require("entra-device-code");
  for (const [name, start] of Object.entries(PROVIDERS)) {
    const provider = await start(certificate);
    stops.push(provider.stop);
    addCases(name, provider, DeviceCodeCredential, trustingFetch(certificate.ca));
  }
  const summary = await run({ concurrency: 6, timeout: 120_000, only: values.only });
  console.log(closingLine(summary));
  if (summary.failed > 0) process.exitCode = 1;
} finally {
  for (const stop of stops.reverse()) await stop();
}

/**
 * @param {string} name
 * @param {import("./providers.js").Provider} provider
 * @param {typeof import("entra-device-code").DeviceCodeCredential} DeviceCodeCredential
 * @param {ReturnType<typeof trustingFetch>} trusting
 */
function addCases(name, provider, DeviceCodeCredential, trusting) {
  const { scope, other } = provider;

  function arrange(more) {
    const prompts = [];
    const asked = [];
    const credential = new DeviceCodeCredential({
      ...provider.options,
      fetch(url, init) {
        asked.push(`${init.method} ${url}`);
        return trusting(url, init);
      },
      userPromptCallback(prompt) {
        prompts.push(prompt);
        return provider.approve(prompt);
      },
      ...more,
    });
    return { credential, prompts, asked };
  }

  /** Gets another token, as a resource demands one. */
  const renew = (credential, n) =>
    credential.getToken(scope, { claims: JSON.stringify({ userinfo: { [`n${n}`]: null } }) });

  test(`${name}: a sign-in, and renewals with the refresh tokens that follow each other`, async () => {
    const { credential, prompts, asked } = arrange();
    const first = await credential.getToken([scope, other]);
    equal(asked[0], `GET ${provider.options.metadataUrl}`);
    for (const each of asked) equal(new URL(each.split(" ")[1]).hostname, "localhost");
    equal((await credential.getToken(scope)).token, first.token);
    const seen = new Set([first.token]);
    for (const n of [1, 2, 3]) seen.add((await renew(credential, n)).token);
    equal(seen.size, 4);
    equal(prompts.length, 1);
    await credential.removeAccount();
    notEqual((await credential.getToken(scope)).token, first.token);
    equal(prompts.length, 2);
  });

  if (provider.record) {
    test(`${name}: the next process finds the sign-in, until the user signs out`, async () => {
      const cachePersistenceOptions = keepIn(new Map());
      const { credential } = arrange({ cachePersistenceOptions });
      const record = { ...(await credential.authenticate(scope)) };
      const { authority, tenantId, clientId, homeAccountId, username } = record;
      deepEqual({ authority, tenantId, clientId }, provider.record);
      ok(homeAccountId && username);
      const { token } = await credential.getToken(scope);
      for (const whose of [{ authenticationRecord: record }, { useStoredAccount: true }]) {
        const next = arrange({ cachePersistenceOptions, ...whose });
        equal((await next.credential.getToken(scope)).token, token);
        deepEqual(next.asked, []);
        deepEqual({ ...(await next.credential.getAccounts())[0] }, record);
      }
      const next = arrange({ cachePersistenceOptions, useStoredAccount: true });
      notEqual((await renew(next.credential, 1)).token, token);
      equal(next.prompts.length, 0);
      deepEqual({ ...(await next.credential.removeAccount())[0] }, record);
      deepEqual(await arrange({ cachePersistenceOptions }).credential.getAccounts(), []);
    });
  } else {
    test(`${name}: who signed in is not told, so there is no record`, async () => {
      const cachePersistenceOptions = keepIn(new Map());
      const { credential, prompts } = arrange({ cachePersistenceOptions });
      const error = await rejects(credential.authenticate(scope), { name: "AuthenticationError" });
      match(error.message, /no `id_token`/);
      ok((await credential.getToken(scope)).token);
      equal(prompts.length, 1);
      deepEqual(await credential.getAccounts(), []);
    });
  }

  test(`${name}: a sign-in that another credential goes on with`, async () => {
    const flow = JSON.parse(JSON.stringify(await arrange().credential.initiateDeviceFlow(scope)));
    const { credential } = arrange();
    equal((await credential.acquireTokenByDeviceFlow(flow, { once: true })).status, "pending");
    await provider.approve(flow);
    const { status, token } = await credential.acquireTokenByDeviceFlow(flow);
    equal(status, "succeeded");
    equal((await credential.getToken(scope)).token, token);
  });

  test(`${name}: the user says no`, async () => {
    const { credential } = arrange({ userPromptCallback: provider.deny });
    const error = await rejects(credential.getToken(scope), { name: "AuthenticationError" });
    equal(error.errorResponse.error, "access_denied");
  });

  test(`${name}: with all of the reserved scopes, it refuses`, async () => {
    const { credential, prompts } = arrange({ excludeScopes: [] });
    const error = await rejects(credential.getToken(scope), { name: "AuthenticationError" });
    equal(error.errorResponse.error, "invalid_scope");
    equal(prompts.length, 0);
  });

  test(`${name}: without an id token, tokens are kept in memory alone`, async () => {
    const excludeScopes = ["openid", "profile", "offline_access"];
    const kept = new Map();
    const { credential, prompts } = arrange({
      excludeScopes,
      cachePersistenceOptions: keepIn(kept),
    });
    const { token } = await credential.getToken(scope);
    equal((await credential.getToken(scope)).token, token);
    equal(prompts.length, 1);
    equal([...kept.values()].join().includes(token), false);
    deepEqual(await credential.getAccounts(), []);
    notEqual((await arrange({ excludeScopes }).credential.getToken(scope)).token, token);
  });

  test(`${name}: an address with no metadata names the option`, async () => {
    const metadataUrl = new URL("/elsewhere", provider.options.metadataUrl).href;
    const { credential, asked } = arrange({ metadataUrl });
    const error = await rejects(credential.getToken(scope), { name: "AuthenticationError" });
    match(error.message, /`metadataUrl`/);
    deepEqual(asked, [`GET ${metadataUrl}`]);
  });
}

/** @param {Map<string, string>} items */
function keepIn(items) {
  const storage = {
    getItem: (key) => items.get(key),
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
  return { storage, partitioned: false, allowUnencryptedStorage: true };
}
