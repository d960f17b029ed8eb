/** The lock of a file, among processes of all kinds. */

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "../../../pkg-template/lib/files/lock.js";
import { deepEqual, equal, match, ok, rejects } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { folder, lockOfDeadProcess, wrapped } from "./arrange.js";

const LOCK = new URL("../../../pkg-template/lib/files/lock.js", import.meta.url).href;
const COUNT = fileURLToPath(new URL("programs/count.js", import.meta.url));

const done = async () => true;
/** Looks by the hundred take a slow machine a while. */
const PATIENT = { timeout: 120_000 };

/** How often each lock was looked at before it was first moved: a slow machine takes its time, but looks no more often. */
const looks = new Map();
const moved = new Set();
const { lstat, rename } = fs;
fs.lstat = (path, ...how) => {
  if (!moved.has(path)) looks.set(path, (looks.get(path) ?? 0) + 1);
  return lstat(path, ...how);
};
fs.rename = (from, to) => {
  moved.add(from);
  return rename(from, to);
};

/** A lock file that somebody else left. */
async function left(t, content) {
  const path = join(await folder(t), "cache.lockfile");
  await fs.writeFile(path, content);
  return path;
}

test("lock: holds the process, the machine and an id, for the user alone", async (t) => {
  const path = join(await folder(t), "cache.lockfile");
  await withLock(path, async (isHeld) => {
    const content = await fs.readFile(path, "utf8");
    ok(content.startsWith(`${process.pid} ${os.hostname()} `), content);
    equal((await fs.stat(path)).mode & 0o777, 0o600);
    return isHeld();
  });
  deepEqual(await fs.readdir(join(path, "..")), []);
});

test("lock: goes with a process that exits, and nobody else's does", async (t) => {
  for (const content of [undefined, "1 python"]) {
    const path = join(await folder(t), "cache.lockfile");
    const work = `
      import { writeFileSync } from "node:fs";
      import { withLock } from ${JSON.stringify(LOCK)};
      await withLock(${JSON.stringify(path)}, async () => {
        ${content ? `writeFileSync(${JSON.stringify(path)}, "${content}");` : ""}
        process.exit();
      });`;
    await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", work]);
    const left = await fs.readFile(path, "utf8").catch(() => undefined);
    equal(left, content);
  }
});

for (const [what, place] of [
  ["a pipe", (path) => `execFileSync("mkfifo", [${path}]);`],
  ["a link to an endless file", (path) => `symlinkSync("/dev/zero", ${path});`],
]) {
  test(`lock: ${what} in its place keeps no process from exiting`, async (t) => {
    const path = join(await folder(t), "cache.lockfile");
    const name = JSON.stringify(path);
    const work = `
      import { execFileSync } from "node:child_process";
      import { symlinkSync, unlinkSync } from "node:fs";
      import { withLock } from ${JSON.stringify(LOCK)};
      await withLock(${name}, async () => {
        unlinkSync(${name});
        ${place(name)}
        process.exit();
      });`;
    const args = ["--input-type=module", "--eval", work];
    const limits = { timeout: 20_000, killSignal: "SIGKILL" };
    await promisify(execFile)(process.execPath, args, limits);
    equal((await fs.lstat(path)).isFile(), false);
  });
}

test("lock: one process at a time", async (t) => {
  const file = join(await folder(t), "count");
  await fs.writeFile(file, "0");
  const count = () => promisify(execFile)(process.execPath, [COUNT, LOCK, file, "15"]);
  await Promise.all([count(), count(), count(), count()]);
  equal(await fs.readFile(file, "utf8"), "60");
});

test("lock: one at a time within a process", async (t) => {
  const path = join(await folder(t), "cache.lockfile");
  let inside = 0;
  await Promise.all(
    Array.from({ length: 10 }, () =>
      withLock(path, async () => {
        equal(++inside, 1);
        await sleep(2);
        inside -= 1;
        return true;
      }),
    ),
  );
});

test("lock: waits for Python, and Python for us", async (t) => {
  const path = await left(t, "1 python");
  let released = false;
  setTimeout(async () => {
    released = true;
    await fs.unlink(path);
  }, 400);
  await withLock(path, async () => {
    ok(released);
    const script = `open(${JSON.stringify(path)}, "x")`;
    await rejects(promisify(execFile)("python3", ["-c", script]), { message: /FileExistsError/ });
    return true;
  });
});

test("lock: of a process that is dead is taken at once, by one of many", async (t) => {
  const path = await left(t, await lockOfDeadProcess());
  // Who looked early may move the next one's lock aside, which then begins again: what counts is what was done under it.
  let kept = 0;
  const work = async (isHeld) => {
    await sleep(2);
    const holds = await isHeld();
    if (holds) kept += 1;
    return holds;
  };
  await Promise.all(Array.from({ length: 6 }, () => withLock(path, work)));
  ok(kept >= 6, `${kept} of 6`);
  // Nobody has looked twice, and so nobody has waited.
  ok(looks.get(path) <= 6, `${looks.get(path)} looks`);
  deepEqual(await fs.readdir(join(path, "..")), []);
});

for (const [whose, content] of [
  ["Python", async () => (await lockOfDeadProcess()).replace(/ .*/, " /usr/bin/python3")],
  ["another machine", async () => (await lockOfDeadProcess()).replace(/ .* /, " elsewhere ")],
  ["a process that lives", async () => `1 ${os.hostname()} ${crypto.randomUUID()}`],
  ["nobody", async () => ""],
]) {
  test(`lock: of ${whose} is taken after five seconds`, PATIENT, async (t) => {
    const path = await left(t, await content());
    const began = performance.now();
    await withLock(path, done);
    const took = performance.now() - began;
    // Every 25 ms, on average.
    const number = looks.get(path);
    ok(took > 4500 && number > 150 && number < 250, `${took} ms, ${number} looks`);
    deepEqual(await fs.readdir(join(path, "..")), []);
  });
}

test("lock: one that changes is not stale", PATIENT, async (t) => {
  const path = await left(t, "0 python");
  let n = 0;
  const timer = setInterval(() => writeFileSync(path, `${++n} python`), 1000);
  t.after(() => clearInterval(timer));
  await rejects(withLock(path, done), { message: /other processes hold / });
  equal(await fs.readFile(path, "utf8"), `${n} python`);
});

test("lock: who has lost it begins again", async (t) => {
  const path = join(await folder(t), "cache.lockfile");
  let round = 0;
  await withLock(path, async (isHeld) => {
    if (++round > 1) return isHeld();
    await fs.writeFile(path, "1 python");
    // It may have been moved aside to be looked at: then it is taken when it has been held for too long.
    setTimeout(() => fs.rm(path, { force: true }), 100);
    equal(await isHeld(), false);
    return false;
  });
  equal(round, 2);
});

test("lock: who has lost it at the very end begins again", async (t) => {
  const path = join(await folder(t), "cache.lockfile");
  let round = 0;
  await withLock(path, async () => {
    if (++round === 1) await fs.unlink(path);
    return true;
  });
  equal(round, 2);
});

test("lock: is let go when the work fails", async (t) => {
  const path = join(await folder(t), "cache.lockfile");
  const reason = new Error("the disk is full");
  const error = await rejects(
    withLock(path, async () => {
      throw reason;
    }),
    { message: /full/ },
  );
  equal(error, reason);
  deepEqual(await fs.readdir(join(path, "..")), []);
});

test("lock: taken from another by mistake is put back", { serial: true }, async (t) => {
  const path = await left(t, await lockOfDeadProcess());
  // Between reading the stale lock and moving it, somebody else has done so, and holds it now.
  let moved = 0;
  wrapped(t, "rename", async (rename, from, to) => {
    if (++moved === 1) await fs.writeFile(path, "1 somebody");
    await rename(from, to);
  });
  let held;
  wrapped(t, "link", async (link, from, to) => {
    await link(from, to);
    if (held !== undefined) return;
    held = await fs.readFile(path, "utf8");
    await fs.unlink(path);
  });
  await withLock(path, done);
  equal(held, "1 somebody");
});

test("lock: is not left behind on a full disk", { serial: true }, async (t) => {
  const path = join(await folder(t), "cache.lockfile");
  wrapped(t, "open", async (open, ...args) => {
    const file = await open(...args);
    file.writeFile = async () => {
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    };
    return file;
  });
  const error = await rejects(withLock(path, done), { message: /ENOSPC/ });
  match(error.code, /ENOSPC/);
  deepEqual(await fs.readdir(join(path, "..")), []);
});
