/** `token`, with its streams piped, as in `$(entra-device-code token …)`. */

import { createServer } from "node:http";
import { deepEqual, doesNotMatch, equal, match, ok } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { listen } from "../base/servers/listen.js";
import { arrange, KNOWN_REFRESH_TOKEN, SCOPE, showsNoSecret } from "./arrange.js";
import { follow, onNetwork, place, startCli } from "./program.js";
import { RUNTIMES, runtime } from "./runtimes.js";

for (const { name: on } of RUNTIMES) {
  test(`token on ${on}: the token alone on stdout, the rest on stderr`, async (t) => {
    const { s, at } = await arrange(t, { replies: KNOWN_REFRESH_TOKEN });
    const program = startCli(t, ["token", "--scope", SCOPE, ...at], { on });
    const { status, stdout, stderr } = await program.ended;
    match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    match(stderr, /^To sign in, .* enter the code \w+ .*\nWaiting until \d\d:\d\d:\d\d UTC\.\n$/);
    equal(status, 0);
    await showsNoSecret(s, stderr, stdout.trim());
  });

  test(`token on ${on}: a user who declines is status 1`, async (t) => {
    const { s, at } = await arrange(t, { approveAfterPolls: null });
    const program = startCli(t, ["token", "--scope", SCOPE, ...at], { on });
    await program.shows(/enter the code/);
    await s.decline();
    const { status, stdout, stderr } = await program.ended;
    equal(stdout, "");
    match(stderr, /^entra-device-code: .*declined|denied/m);
    equal(status, 1);
    await showsNoSecret(s, stderr);
  });

  test(`token on ${on}: SIGINT ends it at once with status 130`, async (t) => {
    const { s, at } = await arrange(t, { replies: { token: [{ hang: true }] } });
    const program = startCli(t, ["token", "--scope", SCOPE, ...at], { on });
    await s.waitForRequests(1, { endpoint: "token", within: 20_000 });
    const startedAt = performance.now();
    program.child.kill("SIGINT");
    const { status, stdout, stderr } = await program.ended;
    ok(performance.now() - startedAt < 2000, "at once");
    equal(status, 130);
    equal(stdout, "");
    match(stderr, /\nInterrupted\.\n$/);
    await s.waitForRequests(1, { endpoint: "token", aborted: true });
  });
}

test("token: npx finds it, and a shell's $(…) takes its token", async (t) => {
  const { at } = await arrange(t);
  const script = `npx --offline entra-device-code token --scope ${SCOPE} ${at.join(" ")}`;
  const program = follow(
    t,
    ["sh", "-c", `header="Authorization: Bearer $(${script})"; printf '[%s]' "$header"`],
    runtime("node").trust(place.caFile),
  );
  const { status, stdout } = await program.ended;
  match(stdout, /^\[Authorization: Bearer [\w-]+\.[\w-]+\.[\w-]+\]$/);
  equal(status, 0);
});

test("token: as JSON, with its times", async (t) => {
  const { at } = await arrange(t, { refreshIn: 1800 });
  const program = startCli(t, ["token", "--output=json", "--scope", SCOPE, ...at]);
  const { status, stdout } = await program.ended;
  const { token, tokenType, expiresOnTimestamp, refreshAfterTimestamp } = JSON.parse(stdout);
  equal(stdout.indexOf("\n"), stdout.length - 1);
  ok(token);
  equal(tokenType, "Bearer");
  ok(Math.abs(expiresOnTimestamp - Date.now() - 3_599_000) < 30_000);
  ok(Math.abs(refreshAfterTimestamp - Date.now() - 1_800_000) < 30_000);
  equal(status, 0);
});

test("token: scopes repeated, with spaces and with commas; client and claims", async (t) => {
  const { s, at } = await arrange(t);
  const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
  const scopes = ["--scope", "User.Read Mail.Read", "--scope=Files.Read,Sites.Read"];
  const app = ["--client-id", "11111111-2222-3333-4444-555555555555"];
  const { status } = await startCli(t, ["token", ...scopes, ...app, "--claims", claims, ...at])
    .ended;
  equal(status, 0);
  const [{ form }] = await s.requests("devicecode");
  deepEqual(form.scope.split(" ").sort(), [
    "Files.Read",
    "Mail.Read",
    "Sites.Read",
    "User.Read",
    "offline_access",
    "openid",
    "profile",
  ]);
  equal(form.client_id, app[1]);
  equal(form.claims, claims);
});

test("token: at another provider, with the scopes it knows, whatever tenant the environment says", async (t) => {
  const { s } = await arrange(t);
  const network = onNetwork(s);
  const metadata = `https://login.contoso.com/${s.id}/v2.0/.well-known/openid-configuration`;
  const args = ["--metadata-url", metadata, "--exclude-scope", "offline_access,profile"];
  const env = { ...network.env, AZURE_TENANT_ID: "contoso.com" };
  const run = startCli(t, ["token", "--scope", "read", ...args], { ...network, env });
  const { status, stderr } = await run.ended;
  equal(status, 0, stderr);
  const [asked] = await s.requests("devicecode");
  deepEqual([asked.host, asked.form.scope], ["login.contoso.com", "openid read"]);
});

test("token: the environment says tenant, client and authority; flags prevail", async (t) => {
  const { s } = await arrange(t);
  const network = onNetwork(s);
  const run = (args, variables) =>
    startCli(t, ["token", "--scope", SCOPE, ...args], {
      ...network,
      env: { ...network.env, ...variables },
    }).ended;
  const env = {
    AZURE_TENANT_ID: "contoso.com",
    AZURE_CLIENT_ID: "an-app",
    AZURE_AUTHORITY_HOST: "login.microsoftonline.us",
  };
  const host = "login.chinacloudapi.cn";
  const flags = ["--tenant", "fabrikam.com", "--client-id", "another", "--authority", host];
  for (const args of [[], flags]) {
    const { status, stderr } = await run(args, env);
    equal(status, 0, stderr);
  }
  const empty = { AZURE_TENANT_ID: "", AZURE_CLIENT_ID: "" };
  equal((await run([], empty)).status, 0);
  const asked = await s.requests("devicecode");
  deepEqual(
    asked.map(({ host, path, form }) => [host, path.split("/")[1], form.client_id]),
    [
      ["login.microsoftonline.us", "contoso.com", "an-app"],
      [host, "fabrikam.com", "another"],
      ["login.microsoftonline.com", "organizations", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"],
    ],
  );
});

test("token: --claims as a WWW-Authenticate header carries them", async (t) => {
  const { s, at } = await arrange(t);
  const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"},"ö":{}}}';
  for (const encoding of ["base64", "base64url"]) {
    const encoded = Buffer.from(claims).toString(encoding);
    const args = ["token", "--scope", SCOPE, "--claims", encoded, ...at];
    const { status, stderr } = await startCli(t, args).ended;
    equal(status, 0, stderr);
  }
  for (const { form } of await s.requests("devicecode")) equal(form.claims, claims);
});

test("token: SIGTERM ends it at once with status 143", async (t) => {
  const { s, at } = await arrange(t, { replies: { token: [{ hang: true }] } });
  const program = startCli(t, ["token", "--scope", SCOPE, ...at], { columns: 80 });
  await s.waitForRequests(1, { endpoint: "token", within: 20_000 });
  program.child.kill("SIGTERM");
  const { status, stdout, stderr } = await program.ended;
  equal(status, 143);
  equal(stdout, "");
  ok(stderr.endsWith("\r\x1b[KTerminated.\r\n"), "the countdown is wiped");
});

test("token: a slow start says what it waits for", async (t) => {
  const { s, at } = await arrange(t, { replies: { devicecode: [{ hang: true, repeat: 2 }] } });
  const { host } = new URL(s.authority());
  const args = ["token", "--scope", SCOPE, ...at];
  const [plain, terminal] = [startCli(t, args), startCli(t, args, { columns: 80 })];
  await plain.shows(new RegExp(`^Waiting for ${host}\\.\\n$`));
  await terminal.shows(new RegExp(`^\\rWaiting for ${host}\\x1b\\[K`));
  terminal.type("\x03");
  ok((await terminal.ended).stderr.endsWith("\r\x1b[KInterrupted.\r\n"));
});

test("token: an authority that Microsoft does not know is refused, and the option for it named", async (t) => {
  const { s, at } = await arrange(t);
  const checked = at.filter((arg) => arg !== "--disable-instance-discovery");
  const network = onNetwork(s);
  const program = startCli(t, ["token", "--scope", SCOPE, ...checked], network);
  const { status, stdout, stderr } = await program.ended;
  equal(stdout, "");
  match(stderr, /^entra-device-code: .*localhost.*--disable-instance-discovery/);
  equal(status, 1);
  deepEqual(
    (await s.requests()).map(({ endpoint, host }) => [endpoint, host]),
    [["instance", "login.microsoftonline.com"]],
  );
});

test("token: where no network is, what a proxy needs is said in terms of the shell", async (t) => {
  const at = ["--authority", "https://localhost:1", "--disable-instance-discovery"];
  const { status, stderr } = await startCli(t, ["token", "--scope", SCOPE, ...at]).ended;
  match(stderr, /^Hint: [^\n]*HTTPS_PROXY[^\n]*NODE_USE_ENV_PROXY=1\.$/m);
  doesNotMatch(stderr, /a fetch/);
  equal(status, 1);
});

test("token: Microsoft's own hosts need no --authority", async (t) => {
  const { s } = await arrange(t);
  const program = startCli(t, ["token", "--scope", "User.Read"], onNetwork(s));
  const { status, stdout } = await program.ended;
  match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  equal(status, 0);
  const [{ path, host }] = await s.requests();
  equal(`${host}${path}`, "login.microsoftonline.com/organizations/oauth2/v2.0/devicecode");
});

test("token: --timeout ends the wait with status 1", async (t) => {
  const { s, at } = await arrange(t, { approveAfterPolls: null });
  const program = startCli(t, ["token", "--timeout", "2", "--scope", SCOPE, ...at]);
  const { status, stdout, stderr } = await program.ended;
  equal(stdout, "");
  match(stderr, /\nentra-device-code: Timed out waiting for user to authenticate/);
  equal(status, 1);
  await showsNoSecret(s, stderr);
});

test("token: an error comes with its hint, once", async (t) => {
  const replies = { devicecode: [{ error: 7000218, repeat: "forever" }] };
  const { at } = await arrange(t, { replies });
  const { status, stdout, stderr } = await startCli(t, ["token", "--scope", SCOPE, ...at]).ended;
  equal(stdout, "");
  match(stderr, /^entra-device-code: .*AADSTS7000218/);
  equal(stderr.match(/public client flows/gi)?.length, 1, stderr);
  equal(status, 1);
});

test("token: a server that nobody answers for is status 1, with the cause", async (t) => {
  // A port that was free a moment ago.
  const { port, stop } = await listen(createServer());
  await stop();
  const at = ["--authority", `https://localhost:${port}`, "--disable-instance-discovery"];
  const program = startCli(t, ["token", "--scope", SCOPE, "--tenant", "t", ...at]);
  const { status, stdout, stderr } = await program.ended;
  equal(stdout, "");
  match(stderr, /ECONNREFUSED/);
  ok(!/^\s+at /m.test(stderr), "no stack trace");
  equal(status, 1);
});

test("token: what a server writes can't move the cursor", async (t) => {
  const message = "Go to \x1b[2J\x1b]0;owned\x07 there\r\nand enter \u202eABC\u009b31m";
  const replies = { devicecode: [{ set: { message } }] };
  const { at } = await arrange(t, { replies });
  const { status, stderr } = await startCli(t, ["token", "--scope", SCOPE, ...at]).ended;
  equal(status, 0);
  ok(!/[^\n\x20-\x7e]/.test(stderr), JSON.stringify(stderr));
  match(stderr, /^Go to .* there and enter .*ABC.*\n/);
});

test("token: nobody reads stdout: status 1, and no stack trace", async (t) => {
  const { s, at } = await arrange(t, { approveAfterPolls: null });
  const program = startCli(t, ["token", "--scope", SCOPE, ...at]);
  await program.shows(/enter the code/);
  program.child.stdout?.destroy();
  await s.approve();
  const { status, stderr } = await program.ended;
  equal(status, 1);
  match(stderr, /\nentra-device-code: The answer could not be written: .*EPIPE/);
  await showsNoSecret(s, stderr);
});

test("token: nobody reads stderr: the token all the same", async (t) => {
  const { at } = await arrange(t, { approveAfterPolls: 1 });
  const program = startCli(t, ["token", "--scope", SCOPE, ...at]);
  program.child.stderr?.destroy();
  const { status, stdout } = await program.ended;
  match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  equal(status, 0);
});
