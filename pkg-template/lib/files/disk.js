// Files that are read whole and replaced at once.
// Of `node:fs`, the promises are there once they are used: a bundle has this from its start.
import { closeSync, constants, promises as fs, openSync, readSync, unlinkSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { isGranted } from "../platform.js";

/** How long to wait before a file that is being written is read again, in milliseconds, and how often. */
const BREATH = 50;
const READS = 20;
/**
 * How long after a file was changed somebody may still be writing it, in milliseconds: Python's lock may be on a file that its
 * holder before has removed, and then there is none to be seen.
 */
const STILL_WRITING = 1000;
/** How often to try what an operating system refuses, and how long to wait between. */
const TRIES = 6;
const PAUSE = 30;
const REFUSALS = ["EACCES", "EBUSY", "EPERM"];
/** How long Python may look at a file, in milliseconds. */
const LONGEST_LOOK = 1000;
/** A pipe in a file's place must not keep us; root is led nowhere. What a system doesn't know, it does without. */
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0, O_DIRECTORY = 0 } = constants;
const TO_READ = O_RDONLY | O_NONBLOCK | O_NOFOLLOW;
/** Who may write, by a folder's mode. */
const BY_GROUP = 0o020;
const BY_ALL = 0o002;
/** How many links to follow. */
const LINKS = 10;

/** @typedef {{uid: number, gid: number}} Owner */

/** What is not as it should be for a file with secrets. */
export class UntrustedError extends Error {}

/**
 * What a file holds; nothing if there is none. Some programs empty a file and then write it: what is not whole is read again
 * as long as the file is busy or has just changed, and until it stays the same.
 *
 * @param {string} path
 * @param {(text: string) => boolean} isWhole
 * @param {() => boolean | Promise<boolean>} isBusy
 * @param {typeof readFile} [read] how it is read
 */
export async function readWhole(path, isWhole, isBusy, read = readFile) {
  /** @type {string | undefined} */
  let before;
  for (let reads = 1; ; reads++) {
    const busy = await isBusy();
    const found = await readIfThere(path, read);
    if (found === undefined || isWhole(found.text) || reads === READS) return found?.text;
    if (!busy && !found.isFresh && found.text === before) return found.text;
    before = found.text;
    await sleep(BREATH);
  }
}

/**
 * @param {string} path
 * @param {typeof readFile} read
 */
function readIfThere(path, read) {
  const reading = patiently(async () => {
    const { target, found } = await follow(path);
    if (!found) return undefined;
    const isFresh = Date.now() - found.mtimeMs < STILL_WRITING;
    return { text: `${await read(target, found)}`, isFresh };
  });
  return unless("ENOENT", reading);
}

/**
 * Reading anything but a file may take forever.
 *
 * @param {string} path
 * @param {import("node:fs").Stats} found what is there
 * @returns {Promise<Buffer | string>}
 */
async function readFile(path, found) {
  if (!found.isFile()) throw new UntrustedError(`\`${path}\` is no file`);
  return fs.readFile(path, { flag: TO_READ });
}

/** The longest that a small file may be, in bytes. */
const SMALL = 1024;

/**
 * What a small file holds; nothing if it can't be read, and an empty text if it is not small, or no file.
 *
 * @param {string} path
 */
export async function readSmall(path) {
  try {
    const found = await fs.lstat(path);
    return found.isFile() && found.size <= SMALL ? `${await readFile(path, found)}` : "";
  } catch {
    return undefined;
  }
}

/**
 * How a file begins, for {@link readWhole}.
 *
 * @param {string} path
 * @param {import("node:fs").Stats} found what is there
 */
export async function readBeginning(path, found) {
  return found.isFile() ? readStart(path) : readFile(path, found);
}

/**
 * How a file begins, at once: for when the process ends. Throws if it can't be read.
 *
 * @param {string} path
 */
export function readStart(path) {
  const file = openSync(path, TO_READ);
  try {
    const start = new Uint8Array(SMALL);
    return new TextDecoder().decode(start.subarray(0, readSync(file, start)));
  } finally {
    closeSync(file);
  }
}

/** @param {string} path */
export function exists(path) {
  return fs.lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Makes a folder for the user alone, if there is none. Not the one it is in: that is the user's home.
 *
 * @param {string} path
 */
export async function makeFolder(path) {
  await unless("EEXIST", fs.mkdir(path, { mode: 0o700 }));
}

/**
 * Where to work in a folder, and what to close then. Rejects if somebody else might change what is in it, as ssh does. Root may
 * work in somebody's home, where everything is theirs. What the folder's name leads to may change there at any time, so root
 * works in the one that is open.
 *
 * @param {string} path
 */
export async function enter(path) {
  // Where that may not be asked, there are no guests.
  const home = userId() === 0 && (await fs.stat(dirname(path)).catch(() => undefined))?.uid;
  const { target, found } = await follow(path);
  if (found) expectTrusted(path, found, home);
  if (!home) return { place: path };
  // A guest is not led to what comes there meanwhile.
  const nowhere = join(path, crypto.randomUUID());
  if (!found) return { place: nowhere };
  const handle = await fs.open(target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if ((await handle.stat()).ino !== found.ino) return { place: nowhere, handle };
  const held = `/proc/self/fd/${handle.fd}`;
  // Only Linux has that, and only who may do everything may see it. An old Deno's numbers are its own.
  const there = isGranted("run") && (await fs.stat(held).catch(() => undefined));
  return { place: there && there.ino === found.ino ? held : target, handle };
}

/**
 * @param {string} path
 * @param {import("node:fs").Stats} found
 * @param {number | false | undefined} owner whose it may be, too
 */
function expectTrusted(path, { uid, gid, mode }, owner) {
  if (process.platform === "win32") return;
  if (![userId() ?? uid, 0, owner].includes(uid)) {
    throw new UntrustedError(`\`${path}\` is another user's`);
  }
  // Many systems give each user a group of the same number, and let it write: nobody else is in it.
  if (mode & (gid === uid && uid !== 0 ? BY_ALL : BY_GROUP | BY_ALL)) {
    throw new UntrustedError(`others may write to \`${path}\`: do \`chmod go-w\` to it`);
  }
}

/**
 * Root follows no link that another user laid: it may lead to what only root may change.
 *
 * @param {string} path
 * @param {import("node:fs").Stats} link
 */
function expectOwnLink(path, { uid }) {
  if (userId() === 0 && uid !== 0) {
    throw new UntrustedError(`\`${path}\` is a link that another user laid`);
  }
}

/** Who we are, where there are users and that may be asked. */
function userId() {
  return isGranted("sys", { kind: "uid" }) ? process.geteuid?.() : undefined;
}

/**
 * Replaces a file, or leaves it as it is: if `mayCommit`, which is asked when all is ready, says no, or somebody removed what
 * was to replace it. Resolves to whether it was replaced.
 *
 * @param {string} path
 * @param {string | Uint8Array} content
 * @param {() => Promise<boolean>} mayCommit
 * @param {Owner} [owner] if root replaces it; else its own
 */
export async function replace(path, content, mayCommit, owner) {
  const { target, found } = await follow(path);
  const temporary = join(dirname(target), `${basename(path)}.${crypto.randomUUID()}.tmp`);
  const done = atExit(() => unlinkSync(temporary));
  try {
    await write(temporary, content, owner ?? found);
    if (!(await mayCommit()) || !(await rename(temporary, target))) return false;
  } finally {
    // Unless it has been renamed.
    await fs.unlink(temporary).catch(() => {});
    done();
  }
  // Python reads again what is newer than its last look, and notes when that was after it has read: of what changed between,
  // it would know nothing, and write over it.
  const soon = new Date(Date.now() + LONGEST_LOOK);
  await fs.lutimes(target, soon, soon).catch(() => {});
  return true;
}

/**
 * Only for the user's eyes, and on the disk, not only on its way there. What root replaces in somebody's home remains theirs.
 *
 * @param {string} path
 * @param {string | Uint8Array} content
 * @param {Owner} [owner]
 */
async function write(path, content, owner) {
  const file = await fs.open(path, "wx", 0o600);
  try {
    // Where root works by a folder's name, that may have become a link since.
    await follow(dirname(path));
    await file.writeFile(content);
    // By the open file, as its name may lead elsewhere by now. Where it can't be theirs, it is ours.
    if (userId() === 0 && owner?.uid) await file.chown(owner.uid, owner.gid).catch(() => {});
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Keeps what a file holds, and can't be read, under another name too, for the user alone. Resolves to whether it did: somebody
 * may have removed the file meanwhile.
 *
 * @param {string} path
 * @param {string} aside
 */
export async function keepAside(path, aside) {
  const { target, found } = await follow(path);
  if (!found) return false;
  return replace(aside, await readFile(target, found), async () => true, found);
}

/** @param {string} path */
export async function removeIfThere(path) {
  await fs.rm(path, { force: true });
}

/**
 * Renames a file, over another if there is one. Resolves to false if it is gone.
 *
 * @param {string} from
 * @param {string} to
 */
export async function rename(from, to) {
  const renaming = patiently(async () => {
    await fs.rename(from, to);
    return true;
  });
  return (await unless("ENOENT", renaming)) ?? false;
}

/**
 * Tries again: Windows refuses much while somebody else uses the file.
 *
 * @template Result
 * @param {() => Promise<Result>} action
 */
async function patiently(action) {
  for (let tries = 1; ; tries++) {
    try {
      return await action();
    } catch (error) {
      if (tries === TRIES || !isOneOf(error, ...REFUSALS)) throw error;
      await sleep(PAUSE);
    }
  }
}

/**
 * Removes what others would still rename to this file, and what is left of its locks.
 *
 * @param {string} path
 */
export async function sweep(path) {
  const name = basename(path);
  const left = /^\.((lockfile|unreadable)\.)?[\da-f-]{36}\.tmp$/;
  for (const folder of new Set([dirname(path), dirname((await follow(path)).target)])) {
    for (const each of await fs.readdir(folder)) {
      if (each.startsWith(name) && left.test(each.slice(name.length))) {
        await fs.unlink(join(folder, each)).catch(() => {});
      }
    }
  }
}

/**
 * Where a symbolic link leads, even to nothing yet, and what is there: whoever keeps a file elsewhere wants to keep it there.
 *
 * @param {string} path
 */
async function follow(path) {
  let target = path;
  for (let links = 0; links < LINKS; links++) {
    const found = await unless("ENOENT", fs.lstat(target));
    if (!found?.isSymbolicLink()) return { target, found };
    expectOwnLink(target, found);
    target = resolve(await fs.realpath(dirname(target)), await fs.readlink(target));
  }
  throw new UntrustedError(`\`${path}\` is a link that leads nowhere`);
}

/**
 * What to do should the process end first.
 *
 * @type {Set<() => void>}
 */
const unfinished = new Set();
let isWatching = false;

/**
 * Does something should the process end before the function is called that this gives.
 *
 * @param {() => void} act
 */
export function atExit(act) {
  if (!isWatching) process.on("exit", finish);
  isWatching = true;
  unfinished.add(act);
  return () => void unfinished.delete(act);
}

function finish() {
  for (const act of unfinished) {
    try {
      act();
    } catch {
      // It is done already, or can't be.
    }
  }
}

/**
 * What comes of something; nothing if the operating system refused it with this code.
 *
 * @template Result
 * @param {string} code
 * @param {Promise<Result>} doing
 */
export async function unless(code, doing) {
  try {
    return await doing;
  } catch (error) {
    if (isOneOf(error, code)) return undefined;
    throw error;
  }
}

/**
 * Whether the operating system refused something with one of these codes.
 *
 * @param {unknown} error
 * @param {string[]} codes
 */
export function isOneOf(error, ...codes) {
  const { code = "" } = /** @type {NodeJS.ErrnoException} */ (error);
  return codes.includes(code);
}
