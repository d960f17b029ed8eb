/**
 * Runs one program for a test, and ends it when the test process is gone, however that ended:
 *
 *     node keeper.js FOLDER ARGV0 COMMAND [ARGUMENT]...
 *
 * Descriptor 3 is the other end of what the test process holds open. When it closes, the program is ended and the folder
 * removed; an empty FOLDER is nobody's to remove.
 */

import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { Socket } from "node:net";

/** How long the program may take to end properly. */
const GRACE = 2000;

const [folder, argv0, command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { argv0, stdio: "inherit" });
let told = false;

// Read too: that is how the end is noticed.
const lifeline = new Socket({ fd: 3 }).resume().once("close", end).once("error", end);

child.once("error", (error) => {
  console.error(error.message);
  leave(127);
});
child.once("exit", (code, signal) => leave(told ? 0 : (code ?? signal)));

function end() {
  if (told) return;
  told = true;
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), GRACE).unref();
}

async function leave(status) {
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  lifeline.destroy();
  process.exit(typeof status === "number" ? status : 1);
}
