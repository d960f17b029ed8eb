// Files that are read whole and replaced at once.
import fs from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** How long to wait before a file that is being written is read again, in milliseconds, and how often. */
const BREATH = 50;
const READS = 20;
/** How often to try what an operating system refuses, and how long to wait between. */
const TRIES = 6;
const PAUSE = 30;
const REFUSALS = ["EACCES", "EBUSY", "EPERM"];
const { COPYFILE_EXCL } = fs.constants;
/** How long Python may look at a file, in milliseconds. */
const LONGEST_LOOK = 1000;

/**
 * What a file holds; nothing if there is none. Some programs empty a file and then write it: what is not whole is read again
 * as long as the file is busy, and until it stays the same.
 */
export async function readWhole(path, isWhole, isBusy) {
  let before;
  for (let reads = 1; ; reads++) {
    const busy = await isBusy();
    const text = await readIfThere(path);
    if (text === undefined || isWhole(text) || reads === READS) return text;
    if (!busy && text === before) return text;
    before = text;
    await sleep(BREATH);
  }
}

async function readIfThere(path) {
  try {
    return await patiently(() => fs.readFile(path, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

export async function exists(path) {
  try {
    await fs.lstat(path);
    return true;
  } catch {
    return false;
  }
}

/** Makes a folder for the user alone, if there is none. Not the one it is in: that is the user's home. */
export async function makeFolder(path) {
  try {
    await fs.mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

/**
 * Replaces a file, or leaves it as it is: if `mayCommit`, which is asked when all is ready, says no, or somebody removed what
 * was to replace it. Resolves to whether it was replaced.
 */
export async function replace(path, text, mayCommit) {
  const target = await linked(path);
  const temporary = join(dirname(target), `${basename(path)}.${crypto.randomUUID()}.tmp`);
  try {
    await write(temporary, text);
    await keepOwner(temporary, target);
    if (!(await mayCommit()) || !(await rename(temporary, target))) return false;
  } finally {
    // Unless it has been renamed.
    await fs.unlink(temporary).catch(() => {});
  }
  // Python reads again what is newer than its last look, and notes when that was after it has read: of what changed between,
  // it would know nothing, and write over it.
  const soon = new Date(Date.now() + LONGEST_LOOK);
  await fs.utimes(target, soon, soon).catch(() => {});
  return true;
}

/** Only for the user's eyes, and on the disk, not only on its way there. */
async function write(path, text) {
  const file = await fs.open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What root replaces in somebody's home remains theirs. */
async function keepOwner(file, before) {
  try {
    const { uid, gid } = await fs.stat(before);
    await fs.chown(file, uid, gid);
  } catch {
    // It is ours: there was none, or it can't be theirs.
  }
}

/** Keeps what a file holds, and can't be read, under another name too, and resolves to that: it is nobody else's. */
export async function keepAside(path) {
  const target = await linked(path);
  for (let time = Date.now(); ; time++) {
    const aside = `${target}.unreadable-${time}`;
    try {
      // Not every file system has links.
      await fs.link(target, aside).catch(() => fs.copyFile(target, aside, COPYFILE_EXCL));
      return aside;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
}

/** Renames a file, over another if there is one. Resolves to false if it is gone. */
export async function rename(from, to) {
  try {
    await patiently(() => fs.rename(from, to));
    return true;
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

/** Tries again: Windows refuses much while somebody else uses the file. */
async function patiently(action) {
  for (let tries = 1; ; tries++) {
    try {
      return await action();
    } catch (error) {
      if (tries === TRIES || !REFUSALS.includes(error.code)) throw error;
      await sleep(PAUSE);
    }
  }
}

/** Removes what others would still rename to this file, and what is left of its locks. */
export async function sweep(path) {
  const name = basename(path);
  for (const folder of new Set([dirname(path), dirname(await linked(path))])) {
    for (const each of await fs.readdir(folder)) {
      const isOurs = each.startsWith(`${name}.`);
      if (isOurs && /^(lockfile\.)?[\da-f-]{36}\.tmp$/.test(each.slice(name.length + 1))) {
        await fs.unlink(join(folder, each)).catch(() => {});
      }
    }
  }
}

/** Where a symbolic link leads, even to nothing yet: whoever keeps a file elsewhere wants to keep it there. */
async function linked(path) {
  try {
    return await fs.realpath(path);
  } catch {
    // There is no such file.
  }
  try {
    return resolve(dirname(path), await fs.readlink(path));
  } catch {
    return path;
  }
}
