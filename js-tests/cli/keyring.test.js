/** `--cache` as it is meant: encrypted, with a key in a keyring. And what a user is told who has none. */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { deepEqual, equal, match, notEqual, ok } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { startKeyring } from "../base/services/keyring.js";
import { showsNoSecret } from "./arrange.js";
import { ADA, atHome, TOKEN } from "./home.js";
import { place } from "./program.js";
import { RUNTIMES } from "./runtimes.js";

const SEALED = ["--cache", "work"];

/** @param {import("../base/harness/suite.js").TestContext} t */
async function atHomeWithKeyring(t) {
  const keyring = await startKeyring();
  t.after(() => keyring.stop());
  const home = await atHome(t);
  const options = { cwd: place.withKeyring, env: keyring.env };
  return {
    ...home,
    keyring,
    run: (command, args, more) => home.run(command, args, { ...options, ...more }),
  };
}

for (const { name: on } of RUNTIMES) {
  test(`keyring on ${on}: one sign-in, encrypted`, async (t) => {
    const { s, run, file, asked } = await atHomeWithKeyring(t);
    const first = await run("token", SEALED, { on });
    match(first.stdout, TOKEN);
    match(first.stderr, /^To sign in, [^\n]+\nWaiting until [^\n]+\n$/);
    const kept = await readFile(file, "utf8");
    match(kept, /^eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+\s*$/);
    const before = await asked();
    const second = await run("token", SEALED, { on });
    equal(second.stderr, "");
    equal(second.stdout, first.stdout);
    equal(second.status, 0);
    deepEqual(await asked(), before);
    equal((await run("logout", SEALED, { on })).stderr, "Signed out ada@contoso.com.\n");
    notEqual(await readFile(file, "utf8"), kept);
    await showsNoSecret(s, first.stderr, first.stdout.trim());
  });

  test(`keyring on ${on}: without one nothing is sent or written, and what to do is said`, async (t) => {
    const { run, home, folder, asked } = await atHome(t);
    const where = [{ cwd: place.dir }, { cwd: place.withKeyring }];
    for (const { cwd } of where) {
      for (const command of ["token", "login", "logout"]) {
        const { status, stdout, stderr } = await run(command, SEALED, { on, cwd });
        equal(stdout, "");
        match(
          stderr,
          /^entra-device-code: [^\n]*keyring[^\n]*\.\nHint: [^\n]*--allow-unencrypted-storage\.\n$/,
        );
        ok(!/encryptionKey|allowUnencrypted|cachePersistence/.test(stderr), stderr);
        equal(status, 1);
      }
    }
    deepEqual(await asked(), []);
    // Deno and Bun have folders of their own there.
    ok(!(await readdir(home)).includes(basename(folder)));
  });
}

test("keyring: --allow-unencrypted-storage does not keep a cache from being encrypted", async (t) => {
  const { run, file } = await atHomeWithKeyring(t);
  await run("login", [...SEALED, "--allow-unencrypted-storage"]);
  ok((await readFile(file, "utf8")).startsWith("eyJ"));
  equal((await run("token", SEALED)).stderr, "");
});

test("keyring: one that is locked is not taken for none", async (t) => {
  const { run, file, asked, keyring } = await atHomeWithKeyring(t);
  await run("login", SEALED);
  const [kept, before] = [await readFile(file, "utf8"), await asked()];
  await keyring.lock();
  for (const command of ["token", "logout"]) {
    const { status, stdout, stderr } = await run(command, SEALED);
    equal(stdout, "");
    match(stderr, /^entra-device-code: [^\n]*locked[^\n]*\nHint: [^\n]*\n$/);
    equal(status, 1);
  }
  deepEqual(await asked(), before);
  equal(await readFile(file, "utf8"), kept);
});

test("keyring: a cache whose key is gone is set aside, and the user told", async (t) => {
  const { run, file, files } = await atHomeWithKeyring(t);
  await run("login", SEALED);
  const kept = await readFile(file, "utf8");
  const other = await atHomeWithKeyring(t);
  await other.run("login", ["--cache", "other"]);
  // The same file, and a keyring that has another key.
  await other.run("login", SEALED);
  await writeFile(other.file, kept);
  const { status, stdout, stderr } = await other.run("token", SEALED);
  match(stdout, TOKEN);
  match(stderr, /^entra-device-code: warning: [^\n]+\nTo sign in[^\n]+\n/);
  match(stderr, /warning: [^\n]*\.unreadable/);
  equal(status, 0);
  ok((await other.files()).some((name) => name.includes(".unreadable")));
  equal(await readFile(file, "utf8"), kept);
  deepEqual(await files(), ["work.nocae"]);
  equal((await other.run("token", SEALED)).stderr, "");
});

test("keyring: login --username, and a plain file that becomes an encrypted one", async (t) => {
  const { run, file } = await atHomeWithKeyring(t);
  const none = { cwd: place.dir };
  await run("login", [...SEALED, "--allow-unencrypted-storage"], none);
  match(await readFile(file, "utf8"), /^\s*\{/);
  const { stdout, stderr } = await run("login", [...SEALED, "--username", ADA.username]);
  equal(JSON.parse(stdout).username, ADA.username, stderr);
  match(await readFile(file, "utf8"), /^eyJ/);
});
