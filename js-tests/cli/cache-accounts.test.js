/** `--cache` with several accounts: who is in it, whose token it is, and who signs out. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { deepEqual, equal, match, ok } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ADA, atHome, BOB, claimsOf, OTHER_SCOPE, PLAIN, signInBoth, TOKEN } from "./home.js";

test("cache: login always asks, and several accounts stay", async (t) => {
  const home = await atHome(t);
  await signInBoth(home, PLAIN);
  const { run, s } = home;
  await s.script({ user: ADA });
  match((await run("login", PLAIN)).stderr, /^To sign in[\s\S]*Signed in as ada@contoso\.com, /);
  for (const { username } of [ADA, BOB]) {
    const { status, stdout, stderr } = await run("token", [
      ...PLAIN,
      "--username",
      username.toUpperCase(),
    ]);
    equal(stderr, "");
    equal(claimsOf(stdout).upn, username);
    equal(status, 0);
  }
});

test("cache: which of several accounts must be said", async (t) => {
  const home = await atHome(t);
  await signInBoth(home, PLAIN);
  const before = await home.asked();
  const { status, stdout, stderr } = await home.run("token", PLAIN);
  equal(stdout, "");
  match(
    stderr,
    /^entra-device-code: several accounts are signed in to the cache "work": choose one with --username: (ada@contoso\.com, bob@contoso\.com|bob@contoso\.com, ada@contoso\.com) \(--help lists the options\)\n$/,
  );
  equal(status, 2);
  deepEqual(await home.asked(), before, "nothing is sent");
});

test("cache: accounts lists who is signed in", async (t) => {
  const home = await atHome(t);
  const nobody = await home.run("accounts", PLAIN);
  equal(nobody.stdout, "");
  equal(nobody.stderr, 'Nobody is signed in to this application in the cache "work".\n');
  equal(nobody.status, 0);
  equal((await home.run("accounts", [...PLAIN, "--output", "json"])).stdout, "[]\n");
  await signInBoth(home, PLAIN);
  const before = await home.asked();
  const { status, stdout, stderr } = await home.run("accounts", PLAIN);
  equal(stderr, "");
  const id = ({ oid }) => `${oid}.${home.s.user.tid}`;
  const lines = [ADA, BOB].map((each) => `${each.username}  ${id(each)}`);
  deepEqual(stdout.trimEnd().split("\n").sort(), lines);
  equal(status, 0);
  const json = await home.run("accounts", [...PLAIN, "--output", "json"]);
  deepEqual(
    JSON.parse(json.stdout).map(({ username, homeAccountId }) => `${username}  ${homeAccountId}`),
    stdout.trimEnd().split("\n"),
  );
  const one = await home.run("accounts", [...PLAIN, "--username", "BOB@contoso.com"]);
  equal(one.stdout, `${lines[1]}\n`);
  deepEqual(await home.asked(), before, "nothing is asked of anybody");
});

test("cache: accounts of a cache that can't be read is status 1", async (t) => {
  const { run, folder, file } = await atHome(t);
  await mkdir(folder, { mode: 0o700 });
  await writeFile(file, "{", { mode: 0o600 });
  const { status, stdout, stderr } = await run("accounts", PLAIN);
  equal(stdout, "");
  match(stderr, /\nentra-device-code: The cache could not be read as a whole[^\n]+\n$/);
  equal(status, 1);
});

test("cache: two accounts of one name are told apart by their ids", async (t) => {
  const { s, run } = await atHome(t);
  for (const { oid } of [ADA, BOB]) {
    await s.script({ user: { oid, username: ADA.username } });
    await run("login", PLAIN);
  }
  const { status, stderr } = await run("token", [...PLAIN, "--username", ADA.username]);
  const ids = [ADA, BOB].map(({ oid }) => `${oid}.${s.user.tid}`);
  for (const id of ids) ok(stderr.includes(id), stderr);
  equal(status, 2);
  for (const id of ids) {
    const { stdout } = await run("token", [...PLAIN, "--username", id]);
    equal(`${claimsOf(stdout).oid}.${s.user.tid}`, id);
  }
});

test("cache: --username of nobody in it signs in, and says as whom", async (t) => {
  const { s, run } = await atHome(t);
  await run("login", PLAIN);
  await s.script({ user: BOB });
  const args = [...PLAIN, "--username", BOB.username];
  const { status, stdout, stderr } = await run("token", args);
  match(stderr, /^To sign in, [^\n]+\nSign in as bob@contoso\.com\.\nWaiting until [^\n]+\n$/);
  equal(claimsOf(stdout).upn, BOB.username);
  equal(status, 0);
  equal((await s.requests("refresh")).length, 0, "the token is the one of the sign-in");
  const again = await run("token", args);
  equal(again.stderr, "");
  equal(again.stdout, stdout);
});

test("cache: with --username, claims reach the sign-in, whose token it is", async (t) => {
  const { s, run } = await atHome(t);
  const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
  const args = [...PLAIN, "--username", ADA.username, "--claims", claims];
  const { status, stdout } = await run("token", args);
  match(stdout, TOKEN);
  equal(status, 0);
  equal((await s.requests("devicecode"))[0].form.claims, claims);
  equal((await s.requests("refresh")).length, 0);
});

for (const command of ["token", "login"]) {
  test(`cache: ${command}, somebody else than --username signs in: no answer, status 1`, async (t) => {
    const { run } = await atHome(t);
    const { status, stdout, stderr } = await run(command, [...PLAIN, "--username", BOB.username]);
    equal(stdout, "");
    match(
      stderr,
      /\nentra-device-code: ada@contoso\.com signed in, and not bob@contoso\.com\. [^\n]*--username ada@contoso\.com\.\n$/,
    );
    equal(status, 1);
    const next = await run("token", [...PLAIN, "--username", ADA.username]);
    equal(next.stderr, "", "the sign-in was not in vain");
  });
}

test("cache: the sign-in of --username was revoked, and somebody else signs in", async (t) => {
  const { s, run } = await atHome(t, { tokenExpiresIn: 200 });
  await run("login", PLAIN);
  await s.revoke();
  await s.script({ user: BOB });
  const { status, stdout, stderr } = await run("token", [...PLAIN, "--username", ADA.username]);
  equal(stdout, "");
  match(stderr, /bob@contoso\.com signed in, and not ada@contoso\.com/);
  equal(status, 1);
});

test("cache: login --username, and it is whom it names", async (t) => {
  const { run } = await atHome(t);
  const { status, stdout, stderr } = await run("login", [...PLAIN, "--username=Ada@Contoso.com"]);
  equal(JSON.parse(stdout).username, ADA.username);
  match(stderr, /\nSigned in as ada@contoso\.com, tenant [^\n]+\n$/);
  equal(status, 0);
});

test("cache: logout signs out everybody, or whom --username names", async (t) => {
  const home = await atHome(t);
  await signInBoth(home, PLAIN);
  const { run } = home;
  const carol = await run("logout", [...PLAIN, "--username", "carol@contoso.com"]);
  match(carol.stderr, /^Nobody called "carol@contoso\.com" is signed in [^\n]+"work"\.\n$/);
  equal(carol.status, 0);
  const ada = await run("logout", [...PLAIN, "--username", "ADA@contoso.com"]);
  equal(ada.stderr, "Signed out ada@contoso.com.\n");
  equal(claimsOf((await run("token", PLAIN)).stdout).upn, BOB.username);
  await home.s.script({ user: ADA });
  await run("login", PLAIN);
  const all = await run("logout", PLAIN);
  deepEqual(all.stderr.split("\n").sort(), [
    "",
    "Signed out ada@contoso.com.",
    "Signed out bob@contoso.com.",
  ]);
  equal(all.status, 0);
});

test("cache: logout signs out whom the service names by nothing but an id", async (t) => {
  const { s, run, file } = await atHome(t, { replies: { token: [{ omit: ["id_token"] }] } });
  const id = `${s.user.oid}.${s.user.tid}`;
  equal((await run("token", PLAIN)).status, 0);
  const logout = await run("logout", [...PLAIN, "--username", id]);
  equal(logout.stderr, `Signed out ${id}.\n`);
  ok(!(await readFile(file, "utf8")).includes(s.user.oid));
});

test("cache: somebody else than who is signed in: the token, and a warning with both names", async (t) => {
  const { s, run } = await atHome(t);
  await run("login", PLAIN);
  await s.revoke();
  await s.script({ user: BOB });
  const { stdout, stderr } = await run("token", [...PLAIN, "--scope", OTHER_SCOPE]);
  equal(claimsOf(stdout).oid, BOB.oid);
  match(stderr, /bob@contoso\.com [^\n]*signed in, and not ada@contoso\.com/);
});
