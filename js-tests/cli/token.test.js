/** `token`, with its streams piped, as in `$(entra-device-code token …)`. */

import { createServer } from "node:http";
import { deepEqual, equal, match, ok } from "../harness/assert.js";
import { test } from "../harness/suite.js";
import { listen } from "../servers/listen.js";
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
