/** Where the programs of services come from: from PATH, else from Debian's packages, if those may be installed. */

import { execFile } from "node:child_process";
import { constants, existsSync } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Debian's packages of each program; and what else it may be called, if that is the same program. */
const PROGRAMS = {
  // The package `redis-server` adds no more than this name, and a service of the system's that starts by itself.
  "redis-server": { packages: ["redis-tools"], also: ["redis-check-rdb"] },
  // A keyring wants a session bus: of those that there are, this one does without systemd.
  "gnome-keyring-daemon": { packages: ["gnome-keyring", "dbus-x11"] },
  "dbus-daemon": { packages: ["dbus-x11"] },
  "dbus-send": { packages: ["dbus-x11"] },
  chromium: { packages: ["chromium"] },
  bash: { packages: ["bash"] },
  zsh: { packages: ["zsh"] },
  fish: { packages: ["fish"] },
};

/** Installations take turns, within this process. */
let installing = Promise.resolve();

/**
 * @param {(keyof typeof PROGRAMS)[]} names
 * @returns {Promise<string[]>} their paths
 * @throws if one is neither there nor can be installed; the error says what to install
 */
export function findPrograms(...names) {
  const found = installing.then(async () => {
    const missing = [];
    for (const name of names) if (!(await find(name))) missing.push(...PROGRAMS[name].packages);
    if (missing.length > 0) await install([...new Set(missing)]);
    return Promise.all(
      names.map(async (name) => {
        const path = await find(name);
        if (!path) throw new Error(`there is no ${name} on PATH`);
        return path;
      }),
    );
  });
  installing = found.then(
    () => {},
    () => {},
  );
  return found;
}

async function find(name) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const each of [name, ...(PROGRAMS[name].also ?? [])]) {
    for (const folder of folders) {
      const path = join(folder, each);
      if (
        await access(path, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return path;
    }
  }
  return undefined;
}

async function install(packages) {
  const command = `apt-get install ${packages.join(" ")}`;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(`programs are missing that these tests need. On Debian: ${command}`);
  }
  console.error(`Installing ${packages.join(", ")} from Debian, for the tests…`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) =>
    run("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=300", ...args], { env });
  try {
    await apt("update");
    await apt("install", "-y", "--no-install-recommends", ...packages);
  } catch (error) {
    throw new Error(`${command} failed:\n${error.stdout ?? ""}${error.stderr ?? error}`);
  }
}
