/** What most cases begin with: a folder, a cache in it, and a file system that can be made to fail. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { openStore } from "../../../pkg/stores.mjs";
import { CredentialUnavailableError } from "../../../pkg-template/lib/errors.js";

/** A folder that goes with the case. */
export async function folder(t) {
  const path = await fs.mkdtemp(join(os.tmpdir(), "entra-device-code-files-"));
  t.after(() => fs.rm(path, { recursive: true, force: true }));
  return path;
}

/**
 * Two caches of a name of their own, under this process's HOME.
 *
 * @param {object} [options]
 */
export function arrangeFiles(options = { allowUnencryptedStorage: true }) {
  const name = `cache-${crypto.randomUUID()}`;
  const log = [];
  const lent = { CredentialUnavailableError, log: (level, line) => log.push([level, line]) };
  const open = (more) => openStore({ place: "files", name, ...options, ...more }, lent);
  const home = /** @type {string} */ (process.env.HOME);
  const path = join(home, ".IdentityService", `${name}.nocae`);
  /** What there is of this cache. */
  const left = async () => {
    const names = await fs.readdir(join(path, ".."));
    return names.filter((each) => each.startsWith(name)).sort();
  };
  return { name, path, left, log, open, files: open() };
}

/** What the core would want to write: a key of its own beside what others wrote. */
export function changes(key, value = 1) {
  let merges = 0;
  return {
    get merges() {
      return merges;
    },
    merge(text) {
      merges += 1;
      let cache;
      try {
        cache = JSON.parse(text || "{}");
      } catch {
        throw "it is no JSON";
      }
      if (cache[key] === value) return undefined;
      return JSON.stringify({ ...cache, [key]: value });
    },
  };
}

/** Replaces a function of `node:fs/promises` while a case runs. It gets the real one first. */
export function wrapped(t, name, replacement) {
  const real = fs[name];
  fs[name] = (...args) => replacement(real, ...args);
  t.after(() => {
    fs[name] = real;
  });
}

/** What a lock holds whose holder is dead. */
export async function lockOfDeadProcess() {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "close");
  return `${child.pid} ${os.hostname()} ${crypto.randomUUID()}`;
}
