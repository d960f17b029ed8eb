/** `--cache`: a user signs in once, not once per run. Here it is kept in a plain file. */

import { readdir, readFile, stat } from "node:fs/promises";
import { deepEqual, equal, match, notEqual, ok } from "../base/harness/assert.js";
import { approve } from "../base/harness/person.js";
import { testServers } from "../base/harness/servers.js";
import { test } from "../base/harness/suite.js";
import { showsNoSecret } from "./arrange.js";
import { ADA, atHome, claimsOf, OTHER_SCOPE, PLAIN, TOKEN } from "./home.js";
import { RUNTIMES } from "./runtimes.js";

for (const { name: on } of RUNTIMES) {
  test(`cache on ${on}: one sign-in, however many runs`, async (t) => {
    const { s, run, asked, files } = await atHome(t);
    const first = await run("token", PLAIN, { on });
    match(first.stdout, TOKEN);
    match(first.stderr, /^To sign in, [^\n]+\nWaiting until [^\n]+\n$/);
    const before = await asked();
    const second = await run("token", PLAIN, { on });
    equal(second.stderr, "");
    equal(second.stdout, first.stdout);
    equal(second.status, 0);
    deepEqual(await asked(), before, "nothing is asked of anybody");

    const other = await run("token", [...PLAIN, "--scope", OTHER_SCOPE], { on });
    equal(other.stderr, "");
    equal(claimsOf(other.stdout).aud, "https://vault.azure.net");
    deepEqual((await asked()).slice(before.length), ["refresh"]);
    deepEqual(await files(), ["work.nocae"]);
    await showsNoSecret(s, first.stderr, first.stdout.trim());
  });

  test(`cache on ${on}: login, token, logout`, async (t) => {
    const { s, run, asked, file } = await atHome(t);
    const login = await run("login", PLAIN, { on });
    equal(JSON.parse(login.stdout).username, ADA.username, login.stderr);
    equal((await run("token", PLAIN, { on })).stderr, "");
    const before = await asked();
    const logout = await run("logout", PLAIN, { on });
    equal(logout.stdout, "");
    equal(logout.stderr, "Signed out ada@contoso.com.\n");
    equal(logout.status, 0);
    const again = await run("logout", PLAIN, { on });
    equal(again.stderr, 'Nobody is signed in to this application in the cache "work".\n');
    equal(again.status, 0);
    deepEqual(await asked(), before, "nothing is sent to sign out");
    const kept = await readFile(file, "utf8");
    ok(!kept.includes(s.user.oid) && !kept.includes(ADA.username), kept);
    match((await run("token", PLAIN, { on })).stderr, /^To sign in/);
  });
}

test("cache: token --no-prompt asks nobody, and says by its status that somebody must sign in", async (t) => {
  const { s, run, asked } = await atHome(t);
  const silent = [...PLAIN, "--no-prompt"];
  for (const more of [[], ["--username", ADA.username]]) {
    const nobody = await run("token", [...silent, ...more]);
    equal(nobody.status, 3);
    equal(nobody.stdout, "");
    match(nobody.stderr, /^entra-device-code: somebody must sign in first: .*\blogin\b/);
  }
  deepEqual(await asked(), [], "nothing is sent");
  await run("login", PLAIN);
  const found = await run("token", silent);
  match(found.stdout, TOKEN);
  equal(found.status, 0);
  await s.revoke();
  equal((await run("token", [...silent, "--scope", OTHER_SCOPE])).status, 3);
  equal((await asked()).filter((endpoint) => endpoint === "devicecode").length, 1);
});

test("cache: without --cache nothing is kept, and nothing kept is used", async (t) => {
  const { run, home } = await atHome(t);
  await run("token");
  match((await run("token")).stderr, /^To sign in/);
  deepEqual(await readdir(home), []);
  await run("login", PLAIN);
  match((await run("token")).stderr, /^To sign in/);
});

test("cache: each name is a cache of its own", async (t) => {
  const { run, files } = await atHome(t);
  const named = (name) => ["--cache", name, "--allow-unencrypted-storage"];
  await run("login", named("one"));
  match((await run("token", named("two"))).stderr, /^To sign in/);
  deepEqual((await files()).sort(), ["one.nocae", "two.nocae"]);
  await run("logout", named("two"));
  equal((await run("token", named("one"))).stderr, "");
});

test("cache: nobody else can read the file", async (t) => {
  const { run, folder, file } = await atHome(t);
  await run("login", PLAIN);
  equal((await stat(folder)).mode & 0o777, 0o700);
  equal((await stat(file)).mode & 0o777, 0o600);
});

test("cache: a token that expires is renewed silently, and the new one kept", async (t) => {
  const { s, run, asked } = await atHome(t, { tokenExpiresIn: 200 });
  await run("login", PLAIN);
  await s.script({ tokenExpiresIn: 3599 });
  const renewed = await run("token", PLAIN);
  equal(renewed.stderr, "");
  equal((await asked()).filter((endpoint) => endpoint === "refresh").length, 1);
  equal((await run("token", PLAIN)).stdout, renewed.stdout);
  equal((await asked()).filter((endpoint) => endpoint === "refresh").length, 1);
});

test("cache: a claims challenge gets another token", async (t) => {
  const { run } = await atHome(t);
  const first = await run("token", PLAIN);
  const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
  const second = await run("token", [...PLAIN, "--claims", claims]);
  equal(second.stderr, "");
  match(second.stdout, TOKEN);
  notEqual(second.stdout, first.stdout);
});

test("cache: a sign-in that was revoked is begun anew", async (t) => {
  const { s, run } = await atHome(t, { tokenExpiresIn: 200 });
  await run("login", PLAIN);
  await s.revoke();
  await s.script({ tokenExpiresIn: 3599 });
  const { status, stdout, stderr } = await run("token", PLAIN);
  match(stderr, /^To sign in/);
  match(stdout, TOKEN);
  equal(status, 0);
  equal((await run("token", PLAIN)).stderr, "");
});

test("cache: the applications of others are theirs", async (t) => {
  const { run } = await atHome(t);
  await run("login", PLAIN);
  const app = ["--client-id", "99999999-2222-3333-4444-555555555555"];
  match(
    (await run("logout", [...PLAIN, ...app])).stderr,
    /^Nobody is signed in to this application/,
  );
  equal((await run("token", PLAIN)).stderr, "");
});

/** Not at Microsoft's hosts. */
const elsewhere = { preload: undefined };

test("cache: at a host that Microsoft does not know, nothing is asked for a token that is kept", async (t) => {
  const { s, run, asked } = await atHome(t);
  const at = ["--authority", s.authority(), "--tenant", s.id, "--disable-instance-discovery"];
  const login = await run("login", [...PLAIN, ...at], elsewhere);
  equal(login.status, 0, login.stderr);
  const before = await asked();
  const { status, stderr } = await run("token", [...PLAIN, ...at], elsewhere);
  equal(stderr, "");
  equal(status, 0);
  deepEqual(await asked(), before);
  equal(
    (await run("logout", [...PLAIN, ...at], elsewhere)).stderr,
    "Signed out ada@contoso.com.\n",
  );
});

test("cache: a real OpenID provider", async (t) => {
  const { start, run } = await atHome(t);
  const { url, tenant, clientId, scope } = testServers().oidc;
  const at = ["--authority", url, "--tenant", tenant, "--disable-instance-discovery"];
  const args = [...PLAIN, "--client-id", clientId, "--scope", scope, ...at];
  const program = start("login", args, elsewhere);
  const [, verificationUri] = await program.shows(/(https:\S+) and enter/);
  const [, userCode] = await program.shows(/code (\S+)/);
  await approve({ verificationUri, userCode, username: ADA.username });
  const login = await program.ended;
  equal(login.status, 0, login.stderr);
  const { status, stdout, stderr } = await run("token", args, elsewhere);
  equal(stderr, "");
  ok(stdout.length > 10);
  equal(status, 0);
});

test("cache: looking leaves no trace", async (t) => {
  const { run, home } = await atHome(t);
  await run("logout", PLAIN);
  deepEqual(await readdir(home), []);
});

for (const name of ["a/b", "..", "a\\b", "a\nb"]) {
  test(`cache: ${JSON.stringify(name)} is no name`, async (t) => {
    const { s, run, home } = await atHome(t);
    for (const command of ["token", "login", "logout"]) {
      const args = ["--cache", name, "--allow-unencrypted-storage"];
      const { status, stdout, stderr } = await run(command, args);
      equal(stdout, "");
      match(stderr, /^entra-device-code: --cache must be the name of a file, [^\n]+\n$/);
      equal(status, 2);
    }
    deepEqual(await readdir(home), []);
    deepEqual(await s.requests(), []);
  });
}
