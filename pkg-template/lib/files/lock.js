// A lock between processes: a file that only one of them can create. It is the file that msal-extensions for Python waits
// for, so those programs keep out too.
//
// A process may die with the lock, or be stopped for a while. So the lock can be taken from its holder: at once if that is
// dead, else when it has been held for too long. A holder that goes on after all must do no harm, so what is done under the
// lock
//
// 1. removes what earlier holders have prepared, so that it can't take effect any more;
// 2. reads, and prepares what is to be written in a file of its own;
// 3. looks whether the lock is still held;
// 4. lets it take effect by renaming it, which fails if somebody else has come to 1. since.
//
// What a process leaves behind if it is killed there: a lock that names one that is dead; something prepared, which is removed; or
// a lock that was moved aside, which keeps nobody out. Where there are no links, also a lock that names no process yet, which
// is taken after a while.
import { promises as fs, unlinkSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { isGranted } from "../platform.js";
import { atExit, isOneOf, readSmall, readStart, rename, unless } from "./disk.js";

/** How long one holder may keep the lock, in milliseconds. Python waits for as long, and then fails. */
const LONGEST_HOLD = 5000;
/** How long to wait for the lock in all. */
const LONGEST_WAIT = 12_000;
/** How often to look, on average. */
const INTERVAL = 25;
/** How often to begin again. */
const ROUNDS = 5;

/**
 * Does `work` under the lock at `path`, and again if the lock was lost meanwhile. The work gets a function that tells whether
 * the lock is still held, and resolves to whether it could do everything.
 *
 * @param {string} path
 * @param {(isHeld: () => Promise<boolean>) => Promise<boolean>} work
 */
export async function withLock(path, work) {
  for (let round = 0; round < ROUNDS; round++) {
    const ours = `${process.pid} ${host()} ${crypto.randomUUID()}`;
    let done = false;
    const released = atExit(() => {
      if (readStart(path) === ours) unlinkSync(path);
    });
    try {
      await acquire(path, ours);
      try {
        done = await work(async () => (await readSmall(path)) === ours);
      } finally {
        // Python may have read before we wrote, if it took the lock, and writes after.
        done = (await remove(path, ours)) && done;
      }
    } finally {
      released();
    }
    if (done) return;
  }
  throw new Error(`${path} was taken away by other processes again and again`);
}

/**
 * Removes the lock if its holder is dead. Python can't tell: it would wait, and fail, each time.
 *
 * @param {string} path
 */
export async function releaseDead(path) {
  const found = await readSmall(path);
  if (isOfDeadProcess(found)) await remove(path, found);
}

/**
 * Creates the lock.
 *
 * @param {string} path
 * @param {string} ours what it is to hold
 */
async function acquire(path, ours) {
  /** @type {string | undefined} */
  let theirs;
  let held = 0;
  // Time is what we slept, not what a clock says: when the whole machine slept, nobody has been waiting.
  for (let waited = 0; waited < LONGEST_WAIT; ) {
    const found = await readSmall(path);
    if (found === undefined && (await create(path, ours))) return;
    if (found !== theirs) held = 0;
    theirs = found;
    if (held > LONGEST_HOLD || isOfDeadProcess(theirs)) {
      await remove(path, theirs);
      held = 0;
    }
    const pause = INTERVAL * (0.5 + Math.random());
    await sleep(pause);
    held += pause;
    waited += pause;
  }
  throw new Error(`other processes hold ${path}`);
}

/**
 * Creates it together with what it holds: of who dies in between, nobody could tell that they are dead. Resolves to whether
 * there was none.
 *
 * @param {string} path
 * @param {string} content
 */
async function create(path, content) {
  const prepared = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await write(prepared, content);
    await fs.link(prepared, path);
    return true;
  } catch (error) {
    if (isOneOf(error, "EEXIST")) return false;
    // Not every file system has links; and whoever held the lock may have cleaned up.
    return (await unless("EEXIST", write(path, content))) ?? false;
  } finally {
    await fs.unlink(prepared).catch(() => {});
  }
}

/**
 * Writes what is not there yet. Resolves to true.
 *
 * @param {string} path
 * @param {string} content
 */
async function write(path, content) {
  const file = await fs.open(path, "wx", 0o600);
  try {
    await file.writeFile(content);
    return true;
  } catch (error) {
    // A full disk: nobody could tell whose lock this is.
    await fs.unlink(path);
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * Removes the lock if it holds what is expected, and tells whether it did. It may be another one by now, so it is moved aside
 * first, where it can't change any more, and then looked at. Another's is put back; if yet another has been created by then,
 * the one that was moved is lost, as its holder will find.
 *
 * @param {string} path
 * @param {string} [expected]
 */
async function remove(path, expected) {
  const aside = `${path}.${crypto.randomUUID()}.tmp`;
  // One that can't be moved is still there.
  if (!(await rename(path, aside).catch(() => true))) return false;
  const found = await readSmall(aside);
  // Whoever creates the next one may have cleaned up already.
  const isExpected = found === expected || found === undefined;
  if (!isExpected) await fs.link(aside, path).catch(() => {});
  await fs.unlink(aside).catch(() => {});
  return isExpected;
}

function isOfDeadProcess(content = "") {
  const [, pid, where] = /^(\d+) (\S+) [\da-f-]{36}$/.exec(content) ?? [];
  if (where !== host() || !isGranted("run")) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return isOneOf(error, "ESRCH");
  }
}

/** The name of this machine, without white space; if it may not be asked, one that is nobody's. */
function host() {
  return isGranted("sys", { kind: "hostname" })
    ? encodeURIComponent(os.hostname())
    : crypto.randomUUID();
}
