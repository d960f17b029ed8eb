/** What may not be written, or is not what it should be: a token all the same, or a clear refusal before anything is sent. */

import { execFile } from "node:child_process";
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { deepEqual, equal, match, ok, rejects } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { BOB, CACHE, createHome, MORE, PLAIN, peopleOf } from "./homes.js";

/** Root may do everything; nobody may not. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

const READ_ONLY = 'mount --rbind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"';

/**
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["start"]} place.start
 * @param {ReturnType<typeof import("./launch.js").launcher>["once"]} place.once
 * @param {string} place.root
 */
export function addForbidden({ start, once, root }) {
  test("forbidden: a folder that may only be read", async () => {
    const { home, token } = await withCache(await createOwn());
    await chmod(home.folder, 0o500);
    const program = start({ home: home.path, as: NOBODY });
    await goesOn({ program, home, token, refusal: /EACCES/, left: [CACHE] });

    await chmod(home.folder, 0o700);
    await worksAgain({ program, home });
  });

  const skip = process.platform !== "linux" && "it is for Linux";
  test("forbidden: a disk that may only be read", { skip }, async (t) => {
    const { home, token } = await withCache(await createHome(root), {});
    const program = start({
      home: home.path,
      within: (command) => ["unshare", "-rm", "sh", "-c", READ_ONLY, "sh", home.folder, ...command],
    });
    if ((await program.ready) !== undefined) {
      t.skip(`nothing can be mounted here: ${(await program.ask({})).errors.trim()}`);
    }
    await goesOn({ program, home, token, refusal: /EROFS/, left: [CACHE] });
    await program.end();
  });

  test("forbidden: a folder that may only be read, and is empty", async () => {
    const home = await createOwn();
    await mkdir(home.folder);
    await own(home.folder);
    await chmod(home.folder, 0o500);
    const program = start({ home: home.path, as: NOBODY });
    await signsInEachTime({ program, refusal: /EACCES/ });
    deepEqual(await home.left(), []);

    await chmod(home.folder, 0o700);
    await worksAgain({ program, home });
  });

  test("forbidden: there is no home", async () => {
    const home = await createOwn();
    await rm(home.path, { recursive: true });
    const program = start({ home: home.path, as: NOBODY });
    await signsInEachTime({ program, refusal: /ENOENT/ });
    await rejects(stat(home.path), { code: "ENOENT" });

    await mkdir(home.path);
    await own(home.path);
    await worksAgain({ program, home });
  });

  test("forbidden: a home that may only be read", async () => {
    const home = await createOwn();
    await chmod(home.path, 0o500);
    const program = start({ home: home.path, as: NOBODY });
    await signsInEachTime({ program, refusal: /EACCES/ });

    await chmod(home.path, 0o700);
    await worksAgain({ program, home });
  });

  test("forbidden: the environment names no home", async (t) => {
    if (!NOBODY) t.skip("it would be somebody's");
    const env = { HOME: undefined };
    const program = start({ home: "/", as: NOBODY, env });
    await signsInEachTime({ program, refusal: /ENOENT/ });
    await program.end();
  });

  test("forbidden: a home that is none", async () => {
    const { error, asked } = await once({ home: "here/or/there" }, { ...BOB, persistence: PLAIN });
    match(error, /^CredentialUnavailableError: there is no home folder/);
    deepEqual(asked, []);
  });

  for (const [what, harm, mend] of /** @type {[string, Harm, Harm][]} */ ([
    [
      "a folder that may not be entered",
      (home) => chmod(home.folder, 0),
      (home) => chmod(home.folder, 0o700),
    ],
    [
      "a cache that may not be read",
      (home) => chmod(home.file, 0),
      (home) => chmod(home.file, 0o600),
    ],
    [
      "a file where the folder should be",
      async (home) => {
        await rename(home.folder, `${home.folder}.away`);
        await writeFile(home.folder, "somebody's");
      },
      async (home) => {
        equal(await readFile(home.folder, "utf8"), "somebody's");
        await rm(home.folder);
        await rename(`${home.folder}.away`, home.folder);
      },
    ],
    [
      "a folder where the cache should be",
      async (home) => {
        await rename(home.file, `${home.file}.away`);
        await mkdir(join(home.file, "somebody's"), { recursive: true });
      },
      async (home) => {
        ok((await stat(join(home.file, "somebody's"))).isDirectory());
        await rm(home.file, { recursive: true });
        await rename(`${home.file}.away`, home.file);
      },
    ],
    [
      "a folder that others may write",
      (home) => chmod(home.folder, 0o703),
      (home) => chmod(home.folder, 0o700),
    ],
    [
      "another user's folder",
      async (home) => {
        await chmod(home.folder, 0o755);
        if (NOBODY) await chown(home.folder, 1, 1);
        else await chmod(home.folder, 0o757);
      },
      async (home) => {
        await own(home.folder);
        await chmod(home.folder, 0o700);
      },
    ],
    [
      "a pipe where the cache should be",
      async (home) => {
        await rename(home.file, `${home.file}.away`);
        await promisify(execFile)("mkfifo", ["-m", "666", home.file]);
      },
      async (home) => {
        ok((await stat(home.file)).isFIFO());
        await rename(`${home.file}.away`, home.file);
      },
    ],
    [
      "a file where the home should be",
      async (home) => {
        await rename(home.path, `${home.path}.away`);
        await writeFile(home.path, "somebody's");
      },
      async (home) => {
        equal(await readFile(home.path, "utf8"), "somebody's");
        await rm(home.path);
        await rename(`${home.path}.away`, home.path);
      },
    ],
  ])) {
    test(`forbidden: ${what}`, async () => {
      const { home, token } = await withCache(await createOwn());
      const before = await readFile(home.file);
      await harm(home);
      const program = start({ home: home.path, as: NOBODY });
      for (const scope of ["User.Read", MORE.scope]) {
        const { error, asked } = await program.ask({
          ...BOB,
          scope,
          persistence: PLAIN,
          keep: "bob",
        });
        match(error, /^CredentialUnavailableError: .*token cache/);
        deepEqual(asked, []);
      }
      await mend(home);
      ok(before.equals(await readFile(home.file)));
      deepEqual(await home.left(), [CACHE]);
      // The one that was refused as well.
      const found = await program.ask({ ...BOB, persistence: PLAIN, keep: "bob" });
      deepEqual([found.token, found.asked], [token, []]);
      await program.end();
    });
  }

  /** The home of who has signed in before. */
  async function withCache(home, who = { as: NOBODY }) {
    const { token } = await once({ home: home.path, ...who }, { ...BOB, persistence: PLAIN });
    return { home, token };
  }

  async function createOwn() {
    const home = await createHome(root);
    await own(home.path);
    return home;
  }
}

/** @typedef {(home: import("./homes.js").Home) => Promise<unknown>} Harm */

async function own(path) {
  if (NOBODY) await chown(path, NOBODY.uid, NOBODY.gid);
}

/** What is there is read; what is new is not kept, and that is said each time. */
async function goesOn({ program, home, token, refusal, left }) {
  const before = await readFile(home.file);
  const bob = { ...BOB, persistence: PLAIN, keep: "bob" };
  const found = await program.ask({ ...bob, silently: true });
  deepEqual([found.token, found.asked, found.warnings], [token, [], []]);
  for (const scope of [MORE.scope, "Files.Read"]) {
    const outcome = await program.ask({ ...bob, scope });
    match(outcome.token, /^access token/, outcome.error);
    deepEqual(outcome.asked, ["refresh"]);
    warned(outcome, refusal);
    ok(before.equals(await readFile(home.file)));
    deepEqual(await home.left(), left);
  }
}

/** Nobody has signed in before, and it can't be kept who does. */
async function signsInEachTime({ program, refusal }) {
  const bob = { ...BOB, persistence: PLAIN, keep: "bob" };
  const first = await program.ask(bob);
  match(first.token, /^access token/, first.error);
  warned(first, refusal);
  const second = await program.ask({ ...bob, ...MORE });
  deepEqual(second.asked, ["refresh"]);
  warned(second, refusal);
}

function warned({ warnings }, refusal) {
  equal(warnings.length, 1);
  match(warnings[0], /^writing the persistent token cache failed: /);
  match(warnings[0], refusal);
}

/** What the same credential gets next is kept, and what it got before. */
async function worksAgain({ program, home }) {
  const bob = { ...BOB, persistence: PLAIN };
  const held = await program.ask({ ...bob, ...MORE, keep: "bob" });
  const next = await program.ask({ ...bob, scope: "Notes.Read", keep: "bob" });
  deepEqual(next.warnings, []);
  deepEqual(await home.left(), [CACHE]);
  deepEqual(await peopleOf(home), ["bob"]);
  for (const [scope, { token }] of [
    [MORE.scope, held],
    ["Notes.Read", next],
  ]) {
    const found = await program.ask({ ...bob, scope, silently: true });
    deepEqual([found.token, found.asked], [token, []], scope);
  }
  await program.end();
}
