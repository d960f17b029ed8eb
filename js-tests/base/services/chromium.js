/** Chromium without a window, for a test to drive, with a profile of its own; it reaches this machine alone. */

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { keep } from "./kept.js";
import { findPrograms } from "./programs.js";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
  "--remote-debugging-port=0",
];
const LISTENING = /DevTools listening on (ws:\S+)/;

/**
 * @returns {Promise<{browser: import("playwright-core").Browser, folder: string, stop: () => Promise<void>}>} `folder`: the
 *   profile, which goes with it
 */
export async function startChromium() {
  const [program] = await findPrograms("chromium");
  const folder = await mkdtemp(join(tmpdir(), "entra-device-code-chromium-"));
  const kept = keep(program, [...FLAGS, `--user-data-dir=${folder}`, "about:blank"], {
    folder,
    env: { ...process.env, HOME: folder },
  });
  try {
    await kept.printed(LISTENING);
    const [, endpoint] = LISTENING.exec(kept.output()) ?? [];
    const browser = await chromium.connectOverCDP(endpoint);
    const stop = async () => {
      await browser.close();
      await kept.stop();
    };
    return { browser, folder, stop };
  } catch (error) {
    await kept.stop();
    throw error;
  }
}
