/** The packed package's credential in programs of their own, one after the other, with and without a keyring. */

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { createProject } from "../../base/runners/project.js";
import { program } from "../../base/runners/runtimes.js";
import { startKeyring } from "../../base/services/keyring.js";

const PROGRAMS = fileURLToPath(new URL("programs", import.meta.url));
const MODULES = fileURLToPath(new URL("../../node_modules/@napi-rs", import.meta.url));

/** Beside each other: a project of somebody who has not installed the keyring's module, and one of somebody who has. */
const project = await createProject();
const projects = { without: project.dir, with: join(project.dir, "..", "with-keyring") };
await cp(PROGRAMS, join(project.dir, "programs"), { recursive: true });
await cp(project.dir, projects.with, { recursive: true });
await symlink(MODULES, join(projects.with, "node_modules", "@napi-rs"), "junction");

export const remove = project.remove;

const ALLOWED = { allowUnencryptedStorage: true };
/** Where there is no session bus. */
const NOWHERE = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere", XDG_RUNTIME_DIR: "/nowhere" };

/**
 * A user's home, and what they do there.
 *
 * @param {import("../../base/harness/suite.js").TestContext} t
 * @param {"absent" | "unreachable" | "running"} [state] of the keyring
 */
async function arrange(t, state = "absent") {
  const home = await mkdtemp(join(project.dir, "..", "home-"));
  const folder = join(home, ".IdentityService");
  const dir = state === "absent" ? projects.without : projects.with;
  const keyring = await start(t, state);
  const env = { ...project.env, HOME: home, DISPLAY: "", WAYLAND_DISPLAY: "", ...keyring.env };
  const run = async (command, name, args) => {
    const [file, ...more] = [...command, join("programs", name), ...args];
    return (await promisify(execFile)(file, more, { cwd: dir, env, timeout: 25_000 })).stdout;
  };
  return {
    keyring,
    folder,
    file: join(folder, "msal.cache.nocae"),
    /** The files there, by name. */
    left: async () => (await readdir(folder).catch(() => [])).sort(),
    async signIn(cachePersistenceOptions = {}, { getToken, command = [process.execPath] } = {}) {
      const options = JSON.stringify({ getToken, cachePersistenceOptions });
      return JSON.parse(await run(command, "sign-in.js", [options]));
    },
    forget: (name) => run([process.execPath], "forget.js", [name]),
  };
}

/** @returns {Promise<any>} */
async function start(t, state) {
  if (state !== "running") return { env: NOWHERE };
  const keyring = await startKeyring();
  t.after(() => keyring.stop());
  return keyring;
}

const DENO = ["run", "--quiet", "--no-prompt", "--node-modules-dir=manual"];
const DENO_KEYRING = ["--allow-ffi", "--allow-env", "--allow-sys"];
const RUNTIMES = {
  node: () => [process.execPath],
  node24: () => [program("node24")],
  deno: () => [program("deno"), ...DENO, "--allow-read", "--allow-write", ...DENO_KEYRING],
  bun: () => [program("bun")],
};

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  test(`${runtime}: signs in once for all programs`, async (t) => {
    const { signIn, left, file, folder } = await arrange(t);
    const first = await signIn(ALLOWED, { command: command() });
    equal(first.error, undefined);
    equal(first.prompts, 1);
    deepEqual(await left(), ["msal.cache.nocae"]);
    equal((await stat(folder)).mode & 0o777, 0o700);
    equal((await stat(file)).mode & 0o777, 0o600);
    const next = await signIn(ALLOWED, { command: command() });
    equal(next.token, first.token);
    equal(next.requests, 0);
  });

  test(`${runtime}: uses the keyring`, async (t) => {
    const { signIn, file } = await arrange(t, "running");
    const first = await signIn({}, { command: command() });
    equal(first.error, undefined);
    match(await readFile(file, "utf8"), /^eyJ/);
    const next = await signIn({}, { command: command() });
    equal(next.token, first.token);
    equal(next.requests, 0);
  });
}

test("programs: sessions with CAE have a file of their own, and so has each name", async (t) => {
  const { signIn, left } = await arrange(t);
  await signIn(ALLOWED, { getToken: { enableCae: true } });
  deepEqual(await left(), ["msal.cache.cae"]);
  await signIn({ ...ALLOWED, name: "mine" });
  deepEqual(await left(), ["mine.nocae", "msal.cache.cae"]);
});

test("programs: with a key of their own they need no keyring", async (t) => {
  const { signIn, file } = await arrange(t);
  const encryptionKey = randomBytes(32).toString("base64");
  const first = await signIn({ encryptionKey });
  match(await readFile(file, "utf8"), /^eyJ/);
  equal((await signIn({ encryptionKey })).token, first.token);
});

for (const [what, state, why] of [
  ["the keyring's module", "absent", "`@napi-rs/keyring` is not installed"],
  ["a session bus", "unreachable", "the keyring can't be used: .*D-?Bus"],
]) {
  test(`programs: without ${what}, the call fails before anything is sent or written`, async (t) => {
    const { signIn, left } = await arrange(t, state);
    const { error, requests } = await signIn();
    match(
      error,
      new RegExp(`^CredentialUnavailableError: tokens can't be stored encrypted: ${why}`),
    );
    match(error, /Install `@napi-rs\/keyring` .* `encryptionKey`, or `allowUnencryptedStorage/);
    equal(requests, 0);
    deepEqual(await left(), []);
  });

  test(`programs: without ${what}, the file is plain if it may be`, async (t) => {
    const { signIn, file } = await arrange(t, state);
    const { token, log } = await signIn(ALLOWED);
    const cache = JSON.parse(await readFile(file, "utf8"));
    equal(Object.values(cache.AccessToken)[0].secret, token);
    // Of what is written, once; the one with Continuous Access Evaluation is only looked into.
    const told = log.filter((line) => line.includes(" unencrypted: "));
    equal(told.length, 1);
    match(told[0], /^info: .*\.nocae\W.*keyring/);
    ok(!(await signIn(ALLOWED)).log.some((line) => line.includes(" unencrypted: ")));
  });
}

test("keyring: encrypts, even if the file might be plain", async (t) => {
  const { signIn, file } = await arrange(t, "running");
  await signIn(ALLOWED);
  match(await readFile(file, "utf8"), /^eyJ/);
});

test("keyring: what is plain stays so if it may, and else is read and then encrypted", async (t) => {
  const { signIn, file } = await arrange(t, "running");
  await mkdir(join(file, ".."));
  await writeFile(file, '{"Theirs":{}}');
  const { token } = await signIn(ALLOWED);
  match(await readFile(file, "utf8"), /"Theirs"/);
  const next = await signIn();
  equal(next.token, token);
  equal(next.requests, 0);
  await signIn({}, { getToken: { claims: '{"access_token":{"nbf":{"essential":true}}}' } });
  match(await readFile(file, "utf8"), /^eyJ/);
});

test("keyring: a key that is lost means signing in again, and the old file is kept", async (t) => {
  const { signIn, file, left, forget } = await arrange(t, "running");
  const first = await signIn();
  const sealed = await readFile(file, "utf8");
  await forget("msal.cache.nocae");
  const next = await signIn();
  equal(next.prompts, 1);
  notEqual(next.token, first.token);
  equal((await signIn()).token, next.token);
  const [, aside] = await left();
  match(aside, /^msal\.cache\.nocae\.unreadable$/);
  equal(await readFile(join(file, "..", aside), "utf8"), sealed);
  ok(next.log.some((line) => line.startsWith("warning: ") && line.includes(aside)));
  doesNotMatch(next.log.join("\n"), /eyJ/);
});

test("keyring: one that can't be reached leaves an encrypted file as it is", async (t) => {
  const { signIn, file, left, keyring } = await arrange(t, "running");
  const { token } = await signIn();
  const sealed = await readFile(file, "utf8");
  await keyring.lock();
  for (const [why, expected] of [
    ["locked", /the keyring is locked: unlock it/],
    ["gone", /the keyring can't be used/],
  ]) {
    if (why === "gone") await keyring.stopDaemon();
    const refused = await signIn();
    match(refused.error, expected);
    equal(refused.requests, 0);
    const allowed = await signIn(ALLOWED);
    notEqual(allowed.token, token);
    ok(allowed.log.some((line) => line.startsWith("warning: ") && expected.test(line)));
    equal(await readFile(file, "utf8"), sealed);
    deepEqual(await left(), ["msal.cache.nocae"]);
  }
  await keyring.startDaemon();
  equal((await signIn()).token, token);
});

for (const [what, harm, why] of [
  ["is locked", (keyring) => keyring.lock(), "the keyring is locked: unlock it"],
  ["was removed", removeDefaultKeyring, "there is no default keyring: create one"],
]) {
  test(`keyring: one that ${what} is found out before the user signs in`, async (t) => {
    const { signIn, left, keyring } = await arrange(t, "running");
    await harm(keyring);
    const { error, requests } = await signIn();
    ok(
      error.startsWith(`CredentialUnavailableError: tokens can't be stored encrypted: ${why}. `),
      error,
    );
    equal(requests, 0);
    deepEqual(await left(), []);
  });
}

async function removeDefaultKeyring({ env }) {
  const path = "/org/freedesktop/secrets/collection/login";
  const where = ["--session", "--print-reply", "--dest=org.freedesktop.secrets", path];
  const method = "org.freedesktop.Secret.Collection.Delete";
  await promisify(execFile)("dbus-send", [...where, method], { env: { ...process.env, ...env } });
}

test("keyring: many who sign in at once have one key", async (t) => {
  const { signIn, left } = await arrange(t, "running");
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => signIn()));
  for (const { error } of outcomes) equal(error, undefined);
  deepEqual(await left(), ["msal.cache.nocae"]);
  equal((await signIn()).requests, 0);
});

const OWN_MODULE = `
  provideModule(new WebAssembly.Module(readFileSync(wasm)));
  const credential = new DeviceCodeCredential({ cachePersistenceOptions: {} });
  credential.getToken("User.Read").catch(({ message }) => console.log(message));
`;
for (const [how, type, begin] of [
  [
    "imports",
    "module",
    `import { DeviceCodeCredential, provideModule } from "entra-device-code/core";
    import { readFileSync } from "node:fs";
    const wasm = new URL(import.meta.resolve("entra-device-code/wasm"));`,
  ],
  [
    "requires",
    "commonjs",
    `const { DeviceCodeCredential, provideModule } = require("entra-device-code/core");
    const { readFileSync } = require("node:fs");
    const wasm = require.resolve("entra-device-code/wasm");`,
  ],
]) {
  test(`programs: one that ${how} the core and brings its own module has files`, async () => {
    const args = [`--input-type=${type}`, "--eval", begin + OWN_MODULE];
    const options = { cwd: projects.without, env: project.env };
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    match(stdout, /`@napi-rs\/keyring` is not installed/);
  });
}

test("deno: nobody is asked for what is not needed", async (t) => {
  const { signIn, folder } = await arrange(t, "unreachable");
  const rights = [
    `--allow-read=${project.dir},${projects.with},${folder}`,
    `--allow-write=${folder}`,
    "--allow-env=HOME",
  ];
  const command = [program("deno"), ...DENO, ...rights];
  const { error } = await signIn({}, { command });
  match(error, /using the keyring needs the permissions ffi, read, env, sys/);
  const first = await signIn(ALLOWED, { command });
  equal(first.error, undefined);
  equal((await signIn(ALLOWED, { command })).token, first.token);
});
