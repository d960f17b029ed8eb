// Caches in files, where azure-identity for Python keeps them: ~/.IdentityService/NAME.nocae, and .cae for sessions with
// Continuous Access Evaluation. They are encrypted, or plain as Python's are.
import os from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";
import { environment } from "../platform.js";
import { isSealed } from "../seal.js";
import { asideOf, mergeInto } from "../stores/merging.js";
import {
  enter,
  exists,
  keepAside,
  makeFolder,
  readBeginning,
  readWhole,
  removeIfThere,
  replace,
  sweep,
  UntrustedError,
} from "./disk.js";
import { releaseDead, withLock } from "./lock.js";
import { protectionOf } from "./protection.js";

/** How a file begins that Python wrote on Windows, encrypted by the system (DPAPI): its first bytes, taken for UTF-8. */
const OF_WINDOWS = "\u0001\0\0\0\u040c\ufffd";
/**
 * How a cache ends: with its last row, that row's table, and itself. No part of one does, so that it need not be parsed to see that
 * it is whole.
 */
const ENDS = /\}\s*\}\s*\}\s*$/;
const LONGEST_END = 100;
/** What an operating system and Deno call it if a file may not be used, or is none. */
const REFUSALS = [
  "EACCES",
  "EPERM",
  "EISDIR",
  "ELOOP",
  "ENOTDIR",
  "NotCapable",
  "PermissionDenied",
];

/** How a folder is named that is worked in while it is open. */
const HELD = /\/proc\/self\/fd\/\d+/g;

/** @import { Changes, FilePersistence, FileStore, Lent } from "../stores/types.js" */

/**
 * The two caches of a name.
 *
 * @param {FilePersistence} persistence
 * @param {Lent} lent
 * @returns {FileStore}
 */
export function openFiles(persistence, lent) {
  const caches = [".nocae", ".cae"].map((suffix) =>
    openFile({ ...persistence, name: persistence.name + suffix }, lent),
  );
  const cache = (/** @type {boolean} */ enableCae) => caches[enableCae ? 1 : 0];
  return {
    load: (enableCae) => cache(enableCae).load(),
    save: (enableCae, changes) => cache(enableCae).save(changes),
    tryToSave: (enableCae) => cache(enableCae).tryToSave(),
  };
}

/**
 * @param {FilePersistence} persistence of one cache: its name is the file's
 * @param {Lent} lent
 */
function openFile(persistence, lent) {
  const { CredentialUnavailableError, log } = lent;
  const protection = protectionOf(persistence, lent);

  async function load() {
    const stored = await inFolder(async (path) => {
      await releaseDead(lockOf(path));
      return read(path, () => exists(lockOf(path)));
    });
    if (!isSealed(stored)) await protection.prepare(stored);
    return protection.open(stored);
  }

  /** @param {Changes} changes */
  async function save(changes) {
    const isSigningOut = changes.signedOut !== undefined;
    // Then there is nothing to forget.
    const isNothing = isSigningOut && changes.accounts().length === 0;
    if (isNothing && !(await inFolder((path) => exists(asideOf(path))))) return;
    await locked(async (path, stored, isHeld) => {
      if (isSigningOut) await removeIfThere(asideOf(path));
      const { text, unreadable } = await mergeInto(() => protection.open(stored), changes);
      if (text === undefined) return true;
      return replace(path, await protection.close(text, stored), async () => {
        if (!(await isHeld())) return false;
        return unreadable === undefined || setAside(path, unreadable);
      });
    });
  }

  /** Does everything for a save but the last step, so that who can't save learns of it before it matters. */
  async function tryToSave() {
    await locked(async (path, stored) => {
      await replace(path, await protection.close("{}", stored), async () => false);
      return true;
    });
  }

  /** @param {(path: string, stored: string, isHeld: () => Promise<boolean>) => Promise<boolean>} work */
  async function locked(work) {
    // A keyring may take its time, and ask the user for a password: not while others wait for the lock. How the file begins says
    // whether there is need of one.
    const start = await inFolder((path) =>
      read(
        path,
        () => exists(lockOf(path)),
        (text) => text.trim() !== "",
        readBeginning,
      ),
    );
    await protection.prepare(start);
    await makeFolder(folder());
    await inFolder((path) =>
      withLock(lockOf(path), async (isHeld) => {
        await sweep(path);
        return work(path, await read(path, () => false), isHeld);
      }),
    );
  }

  /**
   * @param {string} path
   * @param {string} why
   */
  async function setAside(path, why) {
    if (!(await keepAside(path, asideOf(path)))) return false;
    const named = join(folder(), persistence.name);
    const aside = asideOf(named);
    log(0, `the token cache in \`${named}\` is unreadable, and is kept as \`${aside}\`: ${why}`);
    return true;
  }

  /**
   * Does something where the cache is, unless somebody else could change it there.
   *
   * @template Result
   * @param {(path: string) => Promise<Result>} work
   */
  async function inFolder(work) {
    /** @type {Awaited<ReturnType<typeof enter>> | undefined} */
    let entered;
    try {
      entered = await enter(folder());
      return await work(join(entered.place, persistence.name));
    } catch (error) {
      // A folder that is open has no other name.
      if (error instanceof Error) error.message = error.message.replaceAll(HELD, folder);
      throw !entered || error instanceof UntrustedError ? refused(error) : error;
    } finally {
      await entered?.handle?.close();
    }
  }

  /**
   * @param {string} path
   * @param {() => boolean | Promise<boolean>} isBusy
   * @param {(text: string) => boolean} [isEnough]
   * @param {typeof readBeginning} [reading]
   */
  async function read(path, isBusy, isEnough = isWhole, reading) {
    let text;
    try {
      text = (await readWhole(path, isEnough, isBusy, reading)) ?? "";
    } catch (cause) {
      throw refused(cause);
    }
    if (!text.startsWith(OF_WINDOWS)) return text;
    throw unavailable(
      `\`${path}\` belongs to programs that have Windows encrypt it: choose another \`name\``,
    );
  }

  /** @param {string} text */
  function isWhole(text) {
    if (isSealed(text) || text.startsWith(OF_WINDOWS) || ENDS.test(text.slice(-LONGEST_END)))
      return true;
    try {
      return Boolean(JSON.parse(text));
    } catch {
      return false;
    }
  }

  /** Python's: `~/.IdentityService`. */
  function folder() {
    try {
      const home =
        process.platform === "win32"
          ? environment("LOCALAPPDATA") || join(os.homedir(), "AppData", "Local")
          : environment("HOME") || os.homedir();
      if (!isAbsolute(home)) throw new Error(`"${home}" is none`);
      return join(home, ".IdentityService");
    } catch (cause) {
      const { message } = /** @type {Error} */ (cause);
      throw unavailable(`there is no home folder to keep tokens in: ${message}`, { cause });
    }
  }

  /**
   * What can't be mended by trying again is no store.
   *
   * @param {unknown} cause
   */
  function refused(cause) {
    const { code, name, message } = /** @type {NodeJS.ErrnoException} */ (cause);
    if (!(cause instanceof UntrustedError || REFUSALS.includes(code ?? name))) return cause;
    return unavailable(`the token cache can't be used: ${message}`, { cause });
  }

  /**
   * @param {string} message
   * @param {{cause: unknown}} [details]
   */
  function unavailable(message, details) {
    return new CredentialUnavailableError(message, details);
  }

  return { load, save, tryToSave };
}

/**
 * The file that keeps others out, Python too.
 *
 * @param {string} path
 */
function lockOf(path) {
  return `${path}.lockfile`;
}
