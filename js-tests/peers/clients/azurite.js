/** Azurite, Microsoft's emulator of Azure Storage: over TLS, and with the checks it can do of a bearer token. */

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ACCOUNT = "devstoreaccount1";
const SERVICES = ["Blob", "Queue"];
const PATIENCE = 60_000;

/**
 * @param {{certFile: string, keyFile: string}} certificate
 * @returns {Promise<{blob: string, queue: string, stop: () => Promise<void>}>} the addresses of its account
 */
export async function startAzurite({ certFile, keyFile }) {
  const program = createRequire(import.meta.url).resolve("azurite/dist/src/azurite.js");
  // It writes logs and settings where it stands, whatever it is told about its data.
  const folder = await mkdtemp(join(tmpdir(), "entra-device-code-azurite-"));
  const options = ["--oauth", "basic", "--cert", certFile, "--key", keyFile];
  const ports = ["--blobPort", "0", "--queuePort", "0", "--tablePort", "0"];
  const manners = ["--silent", "--disableTelemetry", "--inMemoryPersistence"];
  // The clients speak a newer version of the protocol than the last Azurite for Node 20 knows.
  const args = [...options, ...ports, ...manners, "--skipApiVersionCheck"];
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stop = async () => {
    child.kill("SIGKILL"); // its data is in memory: there is nothing to save
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [blob, queue] = await listening(child);
    return { blob: `${blob}/${ACCOUNT}`, queue: `${queue}/${ACCOUNT}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<string[]>} the services' addresses, which it prints
 */
function listening(child) {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (what) => reject(new Error(`Azurite ${what}:\n${output}`));
    const timer = setTimeout(() => fail("does not listen"), PATIENCE);
    const look = (text) => {
      output += text;
      const found = SERVICES.map((name) =>
        new RegExp(`${name} service is successfully listening at (\\S+)`).exec(output),
      );
      if (found.every((match) => match !== null)) resolve(found.map((match) => match[1]));
    };
    child.stdout?.setEncoding("utf8").on("data", look);
    child.stderr?.setEncoding("utf8").on("data", look);
    child.once("error", reject);
    child.once("close", (code) => fail(`ended with ${code}`));
    child.once("close", () => clearTimeout(timer));
  });
}
