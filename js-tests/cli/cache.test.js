/** `--cache`: a user signs in once, not once per run. Here it is kept in a plain file. */

import {
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  stat,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from "../base/harness/assert.js";
import { approve } from "../base/harness/person.js";
import { testServers } from "../base/harness/servers.js";
import { test } from "../base/harness/suite.js";
import { showsNoSecret } from "./arrange.js";
import { ADA, atHome, BOB, claimsOf, signInBoth, TOKEN } from "./home.js";
import { place } from "./program.js";
import { RUNTIMES, runtime } from "./runtimes.js";

const OTHER_SCOPE = "https://vault.azure.net/.default";
const PLAIN = ["--cache", "work", "--allow-unencrypted-storage"];

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

test("cache: a sign-in that can't be kept: the token, and a warning", async (t) => {
  const nobody = { omit: ["client_info", "id_token"] };
  const { run, files } = await atHome(t, { replies: { token: [nobody, nobody] } });
  const { status, stdout, stderr } = await run("token", PLAIN);
  match(stdout, TOKEN);
  match(stderr, /\n[^\n]*the sign-in can't be kept[^\n]*\n/);
  equal(status, 0);
  deepEqual(await files(), []);
  match((await run("token", PLAIN)).stderr, /^To sign in/);
});

test("cache: login of whom the service doesn't name fails, and keeps nobody", async (t) => {
  const nobody = { omit: ["client_info", "id_token"] };
  const { run, files } = await atHome(t, { replies: { token: [nobody] } });
  const { status, stdout, stderr } = await run("login", PLAIN);
  equal(stdout, "");
  match(stderr, /\nentra-device-code: [^\n]*AuthenticationRecord[^\n]*\n$/);
  equal(status, 1);
  deepEqual(await files(), []);
});

test("cache: login that the cache does not keep says so, and fails", async (t) => {
  const { run, folder, files } = await atHome(t);
  await mkdir(folder);
  const preload = join(place.dir, "forgetful-disk.mjs");
  await writeFile(
    preload,
    `import fs from "node:fs/promises";
     const { rename, unlink } = fs;
     // Somebody signs out as soon as it is written.
     fs.rename = async (from, to) => {
       await rename(from, to);
       if (to.endsWith("work.nocae")) await unlink(to);
     };`,
  );
  const { status, stdout, stderr } = await run("login", PLAIN, {
    env: { NODE_OPTIONS: `--import=${preload}` },
  });
  equal(stdout, "");
  const told = 'ada@contoso.com signed in, but the cache "work" does not keep the sign-in.';
  ok(stderr.endsWith(`\nentra-device-code: ${told}\n`), stderr);
  equal(status, 1);
  deepEqual(await files(), []);
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

const GARBAGE = "this is no cache";

test("cache: an unreadable one is set aside, and the user told where", async (t) => {
  const { run, files, folder, file } = await atHome(t);
  await mkdir(folder);
  await writeFile(file, GARBAGE);
  const { status, stdout, stderr } = await run("token", PLAIN);
  match(stdout, TOKEN);
  equal(status, 0);
  match(stderr, /^entra-device-code: warning: [^\n]+\nTo sign in/);
  const kept = (await files()).find((name) => name.includes(".unreadable")) ?? "";
  ok(stderr.includes(kept) && kept, stderr);
  equal(await readFile(join(folder, kept), "utf8"), GARBAGE);
  doesNotMatch(stderr, /no cache\b.*this is/);
  equal((await run("token", PLAIN)).stderr, "", "from then on it works");
});

test("cache: logout says that it can't read it, and forgets nothing", async (t) => {
  const { run, folder, file } = await atHome(t);
  await mkdir(folder);
  await writeFile(file, GARBAGE);
  const { status, stderr } = await run("logout", PLAIN);
  match(stderr, /^entra-device-code: warning: [^\n]+\nentra-device-code: [^\n]+\n$/);
  equal(status, 1);
  equal(await readFile(file, "utf8"), GARBAGE);
});

/** Who may not write where root may: nobody. */
const NOBODY = 65_534;

/**
 * Options of runs by a user whose home, and the folder of caches in it, have these permissions.
 *
 * @param {import("../base/harness/suite.js").TestContext} t
 * @param {Awaited<ReturnType<typeof atHome>>} home
 * @param {number} mode
 */
async function withoutRights(t, { home, folder, network }, mode) {
  const uid = process.getuid?.() === 0 ? NOBODY : undefined;
  for (const path of [folder, home]) {
    if (uid) await chown(path, uid, uid);
    await chmod(path, mode);
    t.after(() => chmod(path, 0o700));
  }
  // What the program needs may be in folders that are closed to it.
  const open = await mkdtemp(join(place.dir, "open-"));
  for (const path of [open, dirname(place.dir)]) await chmod(path, 0o755);
  const [caFile, preload] = [place.caFile, network.preload].map((file) =>
    join(open, basename(file)),
  );
  await copyFile(place.caFile, caFile);
  await copyFile(network.preload, preload);
  return { uid, preload, env: runtime("node").trust(caFile) };
}

test("cache: a folder that may not be written: the token, and a warning", async (t) => {
  const home = await atHome(t);
  await mkdir(home.folder);
  const options = await withoutRights(t, home, 0o500);
  const { status, stdout, stderr } = await home.run("token", PLAIN, options);
  match(stdout, TOKEN, stderr);
  match(stderr, /\nentra-device-code: warning: [^\n]*(EACCES|EPERM|permission)[^\n]*\n$/);
  equal(status, 0);
  await showsNoSecret(home.s, stderr, stdout.trim());

  // Who signs in for later runs need not: it is found out before.
  const before = await home.asked();
  const login = await home.run("login", PLAIN, options);
  equal(login.stdout, "");
  match(
    login.stderr,
    /^entra-device-code: A sign-in could not be kept in the cache "work": [^\n]*(EACCES|EPERM)[^\n]*\n$/,
  );
  equal(login.status, 1);
  deepEqual(await home.asked(), before);
});

test("cache: logout that may not write says so, and is no success", async (t) => {
  const home = await atHome(t);
  await home.run("login", PLAIN);
  const kept = await readFile(home.file, "utf8");
  await chmod(home.file, 0o644);
  const options = await withoutRights(t, home, 0o500);
  const { status, stdout, stderr } = await home.run("logout", PLAIN, options);
  equal(stdout, "");
  match(stderr, /^entra-device-code: The account was not removed: [^\n]+\n$/);
  equal(status, 1);
  equal(await readFile(home.file, "utf8"), kept);
});

test("cache: one that may not be read does not count as empty", async (t) => {
  const home = await atHome(t);
  await home.run("login", PLAIN);
  const before = await home.asked();
  const options = await withoutRights(t, home, 0o500);
  // Still root's, if that is who runs the tests.
  await chmod(home.file, options.uid ? 0o600 : 0o000);
  for (const command of ["token", "login", "logout"]) {
    const { status, stdout, stderr } = await home.run(command, PLAIN, options);
    equal(stdout, "");
    match(stderr, /^entra-device-code: [^\n]*(EACCES|EPERM)[^\n]*\n$/);
    equal(status, 1);
  }
  deepEqual(await home.asked(), before);
});

for (const { name: on } of RUNTIMES) {
  test(`cache on ${on}: where its folder should be is a file: nobody is asked to sign in`, async (t) => {
    const { run, folder, asked } = await atHome(t);
    await writeFile(folder, "mine");
    for (const command of ["token", "login", "logout"]) {
      const { status, stdout, stderr } = await run(command, PLAIN, { on });
      equal(stdout, "");
      match(stderr, /^entra-device-code: [^\n]*(ENOTDIR|EEXIST)[^\n]*\n$/);
      equal(status, 1);
    }
    deepEqual(await asked(), []);
    equal(await readFile(folder, "utf8"), "mine");
  });
}

test("cache: on a terminal, a warning does not break into the countdown", async (t) => {
  const { run, folder, file } = await atHome(t, { approveAfterPolls: 1 });
  await mkdir(folder);
  await writeFile(file, GARBAGE);
  const { status, stdout, stderr } = await run("token", PLAIN, { columns: 80 });
  match(stdout, TOKEN);
  equal(status, 0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the line is wiped first
  match(stderr, /left\x1b\[K\r\x1b\[Kentra-device-code: warning: [^\n]+\.unreadable[^\n]+\n/);
  ok(stderr.endsWith("\r\x1b[K"), "and the countdown in the end");
});

test("cache: Ctrl-C while waiting leaves nothing", async (t) => {
  const { start, files } = await atHome(t, { approveAfterPolls: null });
  const program = start("token", PLAIN);
  await program.shows(/enter the code/);
  program.child.kill("SIGINT");
  equal((await program.ended).status, 130);
  deepEqual(await files(), []);
});

/** @type {[NodeJS.Signals, number, string][]} */
const SIGNALS = [
  ["SIGTERM", 143, "Terminated."],
  ["SIGHUP", 129, "Hung up."],
];

for (const [signal, status, line] of SIGNALS) {
  test(`cache: ${signal} while waiting leaves no countdown and no file`, async (t) => {
    const { start, files } = await atHome(t, { approveAfterPolls: null });
    const program = start("token", PLAIN, { columns: 80 });
    await program.shows(/left/);
    program.child.kill(signal);
    const ended = await program.ended;
    equal(ended.status, status);
    ok(ended.stderr.endsWith(`\r\x1b[K${line}\r\n`), JSON.stringify(ended.stderr.slice(-80)));
    deepEqual(await files(), []);
  });

  test(`cache: ${signal} while it is saved leaves no lock`, async (t) => {
    const { start, folder, files } = await atHome(t);
    await mkdir(folder);
    const env = { NODE_OPTIONS: `--import=${join(place.dir, "slow-disk.mjs")}` };
    await writeFile(
      join(place.dir, "slow-disk.mjs"),
      `import fs from "node:fs/promises";
     const { open } = fs;
     // What is to replace the cache is made, and the second time, when somebody has signed in, it takes its time.
     let made = 0;
     fs.open = async (path, ...how) => {
       const file = await open(path, ...how);
       if (/nocae\\.[\\da-f-]{36}\\.tmp$/.test(path) && ++made === 2) await new Promise((done) => setTimeout(done, 20_000));
       return file;
     };`,
    );
    const program = start("login", PLAIN, { env });
    await program.shows(/enter the code/);
    while ((await files()).length < 2) await new Promise((done) => setTimeout(done, 20));
    program.child.kill(signal);
    equal((await program.ended).status, status);
    deepEqual(await files(), []);
  });
}

test("cache: two who sign in at once are both kept", async (t) => {
  const { s, start, run } = await atHome(t, { approveAfterPolls: null });
  const others = ["12345678", "99999999"].map((part) => [
    ...PLAIN,
    "--client-id",
    `${part}-2222-3333-4444-555555555555`,
  ]);
  const programs = others.map((args) => start("login", args));
  await s.waitForRequests(2, { endpoint: "devicecode", within: 20_000 });
  await s.approve();
  for (const { ended } of programs) equal((await ended).status, 0);
  for (const args of others) equal((await run("token", args)).stderr, "");
});
