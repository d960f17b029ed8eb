// Caches in files, where azure-identity for Python keeps them: ~/.IdentityService/NAME.nocae, and .cae for sessions with
// Continuous Access Evaluation. They are encrypted, or plain as Python's are.
import os from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { environment } from "../platform.js";
import { mergeInto } from "../stores/merging.js";
import { exists, keepAside, makeFolder, readWhole, replace, sweep } from "./disk.js";
import { releaseDead, withLock } from "./lock.js";
import { protectionOf } from "./protection.js";

/** How a file begins that Python wrote on Windows, encrypted by the system (DPAPI): its first bytes, taken for UTF-8. */
const OF_WINDOWS = "\u0001\0\0\0\u040c\ufffd";
/** What an operating system and Deno call it if a file may not be used, or is none. */
const REFUSALS = ["EACCES", "EPERM", "EISDIR", "ENOTDIR", "NotCapable", "PermissionDenied"];

/** The two caches of a name. `seal` makes a seal of a key; `log` takes a level, 0 for a warning, and a line. */
export function openFiles({ name, ...options }, log) {
  const caches = [".nocae", ".cae"].map((suffix) => openFile(name + suffix, options, log));
  const cache = (enableCae) => caches[enableCae ? 1 : 0];
  return {
    load: (enableCae) => cache(enableCae).load(),
    save: (enableCae, changes) => cache(enableCae).save(changes),
  };
}

function openFile(name, options, log) {
  const { isSealed, CredentialUnavailableError } = options;
  const protection = protectionOf(name, options, log);

  async function load() {
    const path = join(folder(), name);
    await releaseDead(lockOf(path));
    const stored = await read(path, () => exists(lockOf(path)));
    if (!isSealed(stored)) await protection.prepare(stored);
    return protection.open(stored);
  }

  async function save(changes) {
    const path = join(folder(), name);
    // A keyring may take its time, and ask the user for a password: not while others wait for the lock.
    await protection.prepare(await read(path, () => exists(lockOf(path))));
    await makeFolder(dirname(path));
    await withLock(lockOf(path), async (isHeld) => {
      await sweep(path);
      const stored = await read(path, () => false);
      const { text, unreadable } = await mergeInto(() => protection.open(stored), changes);
      if (text === undefined) return true;
      return replace(path, await protection.close(text, stored), async () => {
        if (!(await isHeld())) return false;
        if (unreadable) await setAside(path, unreadable);
        return true;
      });
    });
  }

  async function setAside(path, why) {
    const aside = await keepAside(path);
    log(0, `the token cache in \`${path}\` is unreadable, and is kept as \`${aside}\`: ${why}`);
  }

  async function read(path, isBusy) {
    let text;
    try {
      text = (await readWhole(path, isWhole, isBusy)) ?? "";
    } catch (cause) {
      if (!REFUSALS.includes(cause.code ?? cause.name)) throw cause;
      throw unavailable(`the token cache can't be read: ${cause.message}`, { cause });
    }
    if (!text.startsWith(OF_WINDOWS)) return text;
    throw unavailable(
      `\`${path}\` belongs to programs that have Windows encrypt it: choose another \`name\``,
    );
  }

  function isWhole(text) {
    if (isSealed(text) || text.startsWith(OF_WINDOWS)) return true;
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
      throw unavailable(`there is no home folder to keep tokens in: ${cause.message}`, { cause });
    }
  }

  function unavailable(message, details) {
    return new CredentialUnavailableError(message, details);
  }

  return { load, save };
}

/** The file that keeps others out, Python too. */
function lockOf(path) {
  return `${path}.lockfile`;
}
