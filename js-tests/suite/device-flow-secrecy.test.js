/** A flow holds a secret, the device code, which nothing shows. */

import { doesNotMatch, equal, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { arrange, deferred, GRAPH } from "./arrange.js";
import { ONCE } from "./device-flows.js";
import { renderings } from "./renderings.js";

test("device flow: no error, log line or rendering of the credential shows its secrets", async (t) => {
  const echo = { status: 400, json: undefined };
  const { s, create, log } = await arrange(t, {
    approveAfterPolls: null,
    replies: {
      token: [{ error: "expired_token" }, { drop: "connect" }, { status: 502, text: "" }],
    },
  });
  const fetch = async (url, init) => {
    if (!echo.json || !url.endsWith("/token")) return s.fetch(url, init);
    return new Response(JSON.stringify(echo.json), { status: echo.status });
  };
  const credential = create({ enableSupportLogging: true, fetch });
  const seen = [credential, log];
  const flow = await credential.initiateDeviceFlow(GRAPH);
  const { deviceCode, integrity } = flow;
  seen.push(await rejects(credential.acquireTokenByDeviceFlow(flow, ONCE)));
  for (let n = 0; n < 2; n++) await credential.acquireTokenByDeviceFlow(flow, ONCE);
  for (const wrong of [{ ...flow, scopes: [] }, { deviceCode }, JSON.stringify(flow), [flow]]) {
    seen.push(await rejects(credential.acquireTokenByDeviceFlow(wrong), TypeError));
  }
  const elsewhere = create({ clientId: "other" });
  seen.push(elsewhere, await rejects(elsewhere.acquireTokenByDeviceFlow(flow), TypeError));
  // A careless server.
  echo.json = { error: "invalid_grant", error_description: `AADSTS70000: no ${deviceCode}` };
  seen.push(await rejects(credential.acquireTokenByDeviceFlow(flow, ONCE)));
  // And while it is under way.
  echo.json = undefined;
  const aborter = new AbortController();
  const polling = credential.acquireTokenByDeviceFlow(flow, { signal: aborter.signal });
  await s.waitForRequests(4, { endpoint: "token" });
  for (const text of renderings(credential)) ok(!text.includes(deviceCode), text);
  aborter.abort();
  seen.push(await rejects(polling));
  for (const value of seen) {
    for (const text of renderings(value)) {
      for (const secret of [deviceCode, integrity]) {
        ok(!text.includes(secret), text.replaceAll(secret, "<<HERE>>"));
      }
    }
  }
});

test("device flow: the device code is in none of the lines that are for people", async (t) => {
  const { create } = await arrange(t);
  const { deviceCode, message, verificationUri } = await create().initiateDeviceFlow(GRAPH);
  const secret = new RegExp(deviceCode);
  doesNotMatch(message, secret);
  doesNotMatch(verificationUri, secret);
});

test("device flow: whoever goes on may do so from within a prompt", async (t) => {
  const { s, create } = await arrange(t);
  const flow = await create().initiateDeviceFlow(GRAPH);
  const finished = deferred();
  const credential = create({
    userPromptCallback: () => credential.acquireTokenByDeviceFlow(flow).then(finished.resolve),
  });
  equal((await credential.getToken(GRAPH)).tokenType, "Bearer");
  equal((await finished.promise).status, "succeeded");
  equal((await s.requests("devicecode")).length, 2);
});
