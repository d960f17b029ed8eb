/** Whose files these are, and what may lie in their place. */

import { execFileSync } from "node:child_process";
import fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { deepEqual, equal, ok, rejects } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { arrangeFiles, changes, folder, wrapped } from "./arrange.js";

/** Only root can give files to others; who else runs this meets their own. */
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const ALONE = { serial: true };
/** What is written before it is renamed. */
const NEW = /nocae\.[\da-f-]{36}\.tmp$/;

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
        if (NEW.test(path)) {
          await fs.rename(path, `${path}.moved`);
          await fs.symlink(victim, path);
        }
        return file;
      });
      await files.save(false, changes("b")).catch(() => {});
      await isUntouched();
    },
  );

  /** Calls `swap` at the first call of a function of the file system that is about such a path. */
  function swapAt(t, [name, pattern], swap) {
    let isSwapped = false;
    wrapped(t, name, async (call, path, ...rest) => {
      if (!isSwapped && pattern.test(path)) {
        isSwapped = true;
        await swap();
      }
      return call(path, ...rest);
    });
    return () => isSwapped;
  }

  for (const [when, moment] of [
    ["it was looked at", ["open", /\.IdentityService$/]],
    ["its file is read", ["readFile", /nocae$/]],
    ["a lock is made", ["link", /lockfile\.[\da-f-]{36}\.tmp$/]],
    ["a file is opened", ["open", NEW]],
    ["a file is renamed", ["rename", NEW]],
  ]) {
    test(
      `trust: root is led nowhere by a folder that becomes a link when ${when}`,
      ALONE,
      async (t) => {
        const { files, path, folder, victim, isUntouched } = await theirs(t);
        // Of root, and of the same name.
        const same = join(dirname(victim), basename(path));
        await fs.writeFile(same, '{"secret":1}');
        const isSwapped = swapAt(t, moment, async () => {
          await fs.rename(folder, `${folder}.moved`);
          await fs.symlink(dirname(victim), folder);
          await fs.lchown(folder, NOBODY, NOBODY);
        });
        await files.save(false, changes("b")).catch(() => {});
        ok(isSwapped());
        await isUntouched();
        equal(await fs.readFile(same, "utf8"), '{"secret":1}');
        deepEqual((await fs.readdir(dirname(victim))).sort(), [basename(same), "root's"].sort());
        const moved = await fs.readFile(join(`${folder}.moved`, basename(path)), "utf8");
        ok(!moved.includes("secret"), moved);
      },
    );
  }

  test("trust: root makes no folder where a link is laid meanwhile", ALONE, async (t) => {
    const { files, folder, victim, isUntouched } = await theirs(t);
    await fs.rm(folder, { recursive: true });
    swapAt(t, ["mkdir", /IdentityService$/], async () => {
      await fs.symlink(dirname(victim), folder);
      await fs.lchown(folder, NOBODY, NOBODY);
    });
    await rejects(files.save(false, changes("b")), { name: "CredentialUnavailableError" });
    await isUntouched();
    deepEqual(await fs.readdir(dirname(victim)), ["root's"]);
  });

  test(
    "trust: where no folder can be held, root looks again before it writes",
    ALONE,
    async (t) => {
      const { files, folder, victim } = await theirs(t);
      wrapped(t, "stat", async (stat, path, ...how) => {
        if (/^\/proc/.test(path)) throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
        return stat(path, ...how);
      });
      swapAt(t, ["open", NEW], async () => {
        await fs.rename(folder, `${folder}.moved`);
        await fs.symlink(dirname(victim), folder);
        await fs.lchown(folder, NOBODY, NOBODY);
      });
      const refusal = {
        name: "CredentialUnavailableError",
        message: /a link that another user laid/,
      };
      await rejects(files.save(false, changes("b")), refusal);
      deepEqual(await fs.readdir(dirname(victim)), ["root's"]);
    },
  );

  test("trust: root is told of the folder by its name", ALONE, async (t) => {
    const { files, path } = await theirs(t);
    await fs.rm(path);
    execFileSync("mkfifo", [path]);
    const error = await rejects(files.load(false), { message: /is no file/ });
    ok(error.message.includes(path), error.message);
  });

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
