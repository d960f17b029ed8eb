/** Whose files these are, and what may lie in their place. */

import { execFileSync } from "node:child_process";
import fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { deepEqual, equal, ok, rejects } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { arrangeFiles, changes, folder, wrapped } from "./arrange.js";

/** Only root can give files to others; who else runs this meets their own. */
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const ALONE = { serial: true };

/** A home of its own, in which a cache was saved. */
async function home(t) {
  const before = process.env.HOME;
  t.after(() => {
    process.env.HOME = before;
  });
  const path = await folder(t);
  process.env.HOME = path;
  const cache = arrangeFiles();
  await cache.files.save(false, changes("a"));
  return { ...cache, home: path, folder: dirname(cache.path) };
}

/** Neither read nor written, and the caller is told why. */
async function isRefused(files, why) {
  const refusal = { name: "CredentialUnavailableError", message: why };
  await rejects(files.load(false), refusal);
  await rejects(files.save(false, changes("b")), refusal);
  await rejects(files.tryToSave(false), refusal);
}

for (const mode of [0o777, 0o702, 0o770]) {
  test(`trust: a folder with mode ${mode.toString(8)} is refused`, ALONE, async (t) => {
    const { files, folder, path } = await home(t);
    // In a group that is not the user's alone.
    if (isRoot) await fs.chown(folder, NOBODY - 1, NOBODY);
    if (isRoot) await fs.chown(dirname(folder), NOBODY - 1, NOBODY);
    await fs.chmod(folder, mode);
    const isOwnGroup = !isRoot && mode === 0o770 && process.getuid?.() === process.getgid?.();
    if (isOwnGroup) equal(await files.load(false), '{"a":1}');
    else await isRefused(files, /others may write to `.*\.IdentityService`.*chmod go-w/);
    await fs.chmod(folder, 0o700);
    equal(await fs.readFile(path, "utf8"), '{"a":1}');
    equal(await files.load(false), '{"a":1}');
  });
}

test("trust: a pipe in the file's place neither delays nor keeps anybody", ALONE, async (t) => {
  const { files, path } = await home(t);
  await fs.rm(path);
  execFileSync("mkfifo", [path]);
  await isRefused(files, /is no file/);
  ok((await fs.lstat(path)).isFIFO());
});

test("trust: a file that becomes a pipe when it was looked at", ALONE, async (t) => {
  const { files, path } = await home(t);
  wrapped(t, "readFile", async (readFile, file, ...how) => {
    if (file === path) {
      await fs.rm(path);
      execFileSync("mkfifo", [path]);
    }
    return readFile(file, ...how);
  });
  await files.load(false).catch(() => {});
});

test(
  "trust: a lock that links to an endless file is not read, and is taken like others",
  ALONE,
  async (t) => {
    const { files, path, left } = await home(t);
    const lock = `${path}.lockfile`;
    await fs.symlink("/dev/zero", lock);
    equal(await files.load(false), '{"a":1}');
    await files.save(false, changes("b"));
    equal(await files.load(false), '{"a":1,"b":1}');
    equal((await left()).length, 1);
    await fs.writeFile(lock, "x".repeat(5000));
    equal(await files.load(false), '{"a":1,"b":1}');
  },
);

if (isRoot) {
  /** Root at work in somebody's home, as with `sudo`. */
  async function theirs(t) {
    const cache = await home(t);
    for (const each of [cache.home, cache.folder, cache.path]) await fs.chown(each, NOBODY, NOBODY);
    const victim = join(await folder(t), "root's");
    await fs.writeFile(victim, '{"secret":1}');
    const { mtimeMs } = await fs.stat(victim);
    const isUntouched = async () => {
      const found = await fs.stat(victim);
      deepEqual([found.uid, found.gid, found.mtimeMs], [0, 0, mtimeMs]);
      equal(await fs.readFile(victim, "utf8"), '{"secret":1}');
    };
    return { ...cache, victim, isUntouched };
  }

  test("trust: what root saves in somebody's home is theirs", ALONE, async (t) => {
    const { files, path, folder } = await theirs(t);
    await files.save(false, changes("b"));
    const { uid, gid, mode } = await fs.stat(path);
    deepEqual([uid, gid, mode & 0o777], [NOBODY, NOBODY, 0o600]);
    await fs.writeFile(path, "{ garbage");
    await files.save(false, changes("b"));
    for (const name of await fs.readdir(folder)) {
      equal((await fs.stat(join(folder, name))).uid, NOBODY, name);
    }
  });

  test(
    "trust: root gives away nothing that a link leads to, laid while it saves",
    ALONE,
    async (t) => {
      const { files, victim, isUntouched } = await theirs(t);
      wrapped(t, "open", async (open, path, ...how) => {
        const file = await open(path, ...how);
        if (/nocae\.[\da-f-]{36}\.tmp$/.test(path)) {
          await fs.rename(path, `${path}.moved`);
          await fs.symlink(victim, path);
        }
        return file;
      });
      await files.save(false, changes("b")).catch(() => {});
      await isUntouched();
    },
  );

  for (const what of ["the file", "the folder"]) {
    test(
      `trust: root follows no link that somebody laid in the place of ${what}`,
      ALONE,
      async (t) => {
        const { files, path, folder, victim, isUntouched } = await theirs(t);
        const place = what === "the file" ? path : folder;
        await fs.rm(place, { recursive: true });
        await fs.symlink(what === "the file" ? victim : dirname(victim), place);
        await fs.lchown(place, NOBODY, NOBODY);
        await isRefused(files, /is a link that another user laid/);
        await isUntouched();
        // Its own, it follows.
        await fs.lchown(place, 0, 0);
        equal(await files.load(false), what === "the file" ? '{"secret":1}' : "");
      },
    );
  }

  test(
    "trust: a folder that is neither the user's nor that of the home is refused",
    ALONE,
    async (t) => {
      const { files, folder } = await home(t);
      await fs.chown(folder, NOBODY, NOBODY);
      await isRefused(files, /is another user's/);
    },
  );
}
