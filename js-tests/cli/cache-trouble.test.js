/** `--cache` in trouble: it can't be read or written, the program is interrupted, others write at the same time. */

import { chmod, chown, copyFile, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { deepEqual, doesNotMatch, equal, match, ok } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { showsNoSecret } from "./arrange.js";
import { atHome, PLAIN, TOKEN } from "./home.js";
import { place } from "./program.js";
import { RUNTIMES, runtime } from "./runtimes.js";

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
