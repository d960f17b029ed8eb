/**
 * Both servers and their certificate. As a program:
 *
 *     node base/servers/start.js
 *
 * prints one line of JSON (addresses, the CA's file, the pid) and stops at SIGTERM, SIGINT or the end of its input.
 */

import { pathToFileURL } from "node:url";
import { createCertificate } from "./certificate.js";
import { startEntra } from "./entra.js";
import { startOidc } from "./oidc.js";
import { createPerson } from "./person.js";

/**
 * @typedef {object} Servers
 * @property {{url: string, control: string}} entra
 * @property {{url: string, tenant: string, clientId: string, scope: string}} oidc
 * @property {{caFile: string, certFile: string, keyFile: string}} certificate
 * @property {ReturnType<typeof createPerson>} person
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<Servers>} */
export async function startServers() {
  const certificate = await createCertificate();
  const { ca, caFile, certFile, keyFile } = certificate;
  const person = createPerson({ ca });
  // Lets a suite on any runtime send the person to the OpenID provider's pages.
  const controls = { "person/approve": person.approve, "person/deny": person.deny };
  const entra = await startEntra({ certificate, controls });
  const { stop: stopOidc, ...oidc } = await startOidc({ certificate });
  return {
    entra: { url: entra.url, control: entra.control },
    oidc,
    certificate: { caFile, certFile, keyFile },
    person,
    async stop() {
      await Promise.all([entra.stop(), stopOidc()]);
      await certificate.remove();
    },
  };
}

async function main() {
  const { stop, entra, oidc, certificate } = await startServers();
  console.log(JSON.stringify({ entra, oidc, certificate, pid: process.pid }));
  let stopping = false;
  const end = async () => {
    if (stopping) return;
    stopping = true;
    await stop();
    process.exit(0);
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  process.stdin.on("end", end).on("error", end).resume();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
