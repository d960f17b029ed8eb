/** A keyring of a test's own: gnome-keyring-daemon on a session bus that nobody else uses. */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { keep } from "./kept.js";
import { findPrograms } from "./programs.js";

const PASSWORD = "correct horse battery staple";
const SECRETS = "--dest=org.freedesktop.secrets";
/** What the daemon calls the collection that it makes for the password, and that is the default. */
const COLLECTION = "/org/freedesktop/secrets/collection/login";
/** How often to look whether the daemon is there, and for how long, in milliseconds. */
const LOOK_EVERY = 50;
const PATIENCE = 20_000;

/**
 * @typedef {object} Keyring
 * @property {Record<string, string>} env what a program needs to reach it, beside its own environment
 * @property {() => Promise<void>} lock the daemon is there, but nobody is who could unlock its collection
 * @property {() => Promise<void>} stopDaemon nobody answers on the bus
 * @property {() => Promise<void>} startDaemon again, with what it held, unlocked
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<Keyring>} unlocked */
export async function startKeyring() {
  const [busProgram, daemonProgram, send] = await findPrograms(
    "dbus-daemon",
    "gnome-keyring-daemon",
    "dbus-send",
  );
  const folder = await mkdtemp(join(tmpdir(), "entra-device-code-keyring-"));
  const { home, address } = await furnish(folder);
  const env = { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: home.XDG_RUNTIME_DIR };
  // No display: nothing may ask anybody for a password.
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...own } = { ...process.env, ...home, ...env };

  const bus = keep(
    busProgram,
    [`--config-file=${join(folder, "bus.conf")}`, "--nofork", "--nopidfile", "--print-address"],
    { env: own, folder },
  );
  let daemon;

  async function startDaemon() {
    daemon = keep(daemonProgram, ["--foreground", "--components=secrets", "--unlock"], {
      env: own,
      input: PASSWORD,
    });
    for (const until = Date.now() + PATIENCE; !(await isUnlocked()); await sleep(LOOK_EVERY)) {
      if (!daemon.running() || Date.now() > until) {
        throw new Error(`${daemonProgram} is not ready:\n${daemon.output()}`);
      }
    }
  }

  const call = (path, method, ...args) =>
    promisify(execFile)(send, ["--session", "--print-reply", SECRETS, path, method, ...args], {
      env: own,
      timeout: PATIENCE,
    });

  async function isUnlocked() {
    const property = ["string:org.freedesktop.Secret.Collection", "string:Locked"];
    try {
      const reply = await call(COLLECTION, "org.freedesktop.DBus.Properties.Get", ...property);
      return /boolean false/.test(reply.stdout);
    } catch {
      return false; // nobody answers yet
    }
  }

  const keyring = {
    env,
    async lock() {
      const what = `array:objpath:${COLLECTION}`;
      await call("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", what);
      if (await isUnlocked()) throw new Error("the keyring was not locked");
    },
    startDaemon,
    stopDaemon: async () => void (await daemon?.stop()),
    async stop() {
      await daemon?.stop();
      await bus.stop();
    },
  };
  try {
    await bus.printed(/unix:/);
    await startDaemon();
    return keyring;
  } catch (error) {
    await keyring.stop();
    throw error;
  }
}

/** The folders that the programs think are a user's, and the configuration of a bus that starts nothing by itself. */
async function furnish(folder) {
  const names = ["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"];
  const home = Object.fromEntries(names.map((name) => [name, join(folder, name.toLowerCase())]));
  await Promise.all(Object.values(home).map((each) => mkdir(each, { mode: 0o700 })));
  const address = `unix:path=${join(home.XDG_RUNTIME_DIR, "bus")}`;
  await writeFile(
    join(folder, "bus.conf"),
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>${address}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`,
  );
  return { home, address };
}
