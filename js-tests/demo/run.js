/**
 * The demo: installs the packed package in a fresh project and lets cli.js sign in at a real OpenID provider on this
 * machine. Its user code is entered for you after two seconds; with MANUAL=1 you do it in a browser.
 */

import { spawn } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createProject } from "../base/runners/project.js";
import { startServers } from "../base/servers/start.js";

const manual = Boolean(process.env.MANUAL);

console.log("Installing the package in a fresh project …");
const project = await createProject();
const servers = await startServers();
try {
  await cp(fileURLToPath(new URL("cli.js", import.meta.url)), join(project.dir, "cli.js"));
  if (manual) {
    console.log("Your browser will not know the certificate: accept it, or trust this authority:");
    console.log(`  ${servers.certificate.caFile}`);
  }
  process.exitCode = await signIn();
} finally {
  await servers.stop();
  await project.remove();
}

/** @returns {Promise<number>} the program's exit code, or 1 if the person found no way through the pages */
async function signIn() {
  const { url: authority, tenant: tenantId, clientId, scope } = servers.oidc;
  const child = spawn(process.execPath, ["cli.js"], {
    cwd: project.dir,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: {
      ...project.env,
      NODE_EXTRA_CA_CERTS: servers.certificate.caFile,
      DEMO: JSON.stringify({ authority, tenantId, clientId, scope }),
    },
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => child.kill(signal));
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
    child.on("message", (prompt) => {
      if (manual) return;
      enterCode(prompt).catch((error) => {
        child.kill();
        reject(error);
      });
    });
  });
  return ended;
}

async function enterCode({ verificationUri, userCode }) {
  await sleep(2000);
  await servers.person.approve({ verificationUri, userCode, username: "ada@contoso.com" });
}
