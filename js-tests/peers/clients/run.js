/**
 * Clients of Azure and Microsoft Graph, as they are published, with the packed package's credential:
 *
 *     node peers/clients/run.js [--tarball FILE] [--only PART-OF-A-NAME]
 *
 * A project gets the package as its user would, and the clients from here: those that package-lock.json names.
 */

import { cp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runProgram } from "../../base/runners/program.js";
import { createProject, linkPackages } from "../../base/runners/project.js";
import { startServers } from "../../base/servers/start.js";
import { startAzurite } from "./azurite.js";

const JS_TESTS = fileURLToPath(new URL("../..", import.meta.url));

const CLIENTS = [
  "@azure/core-client",
  "@azure/core-rest-pipeline",
  "@azure/identity",
  "@azure/storage-blob",
  "@azure/storage-queue",
  "@microsoft/microsoft-graph-client",
];

const { values } = parseArgs({
  options: { tarball: { type: "string" }, only: { type: "string" } },
});

const project = await createProject({ tarball: values.tarball });
const servers = await startServers();
let azurite;
try {
  azurite = await startAzurite(servers.certificate);
  const program = await furnish(project.dir);
  const { entra, oidc, certificate } = servers;
  const { blob, queue } = azurite;
  const testServers = { entra, oidc, certificate, only: values.only, azurite: { blob, queue } };
  const env = {
    ...project.env,
    NODE_EXTRA_CA_CERTS: certificate.caFile,
    TEST_SERVERS: JSON.stringify({ ...testServers, runtime: "node" }),
  };
  const passed = await runProgram(process.execPath, [program], { cwd: project.dir, env });
  if (!passed) process.exitCode = 1;
} finally {
  await azurite?.stop();
  await servers.stop();
  await project.remove();
}

/**
 * @param {string} dir the project
 * @returns {Promise<string>} the program to run in it
 */
async function furnish(dir) {
  for (const name of ["peers/clients", "base/harness", "base/servers/listen.js"]) {
    await cp(join(JS_TESTS, name), join(dir, name), { recursive: true });
  }
  await linkPackages(dir, CLIENTS);
  const files = (await readdir(join(dir, "peers", "clients"))).filter((name) =>
    name.endsWith(".test.js"),
  );
  const imports = files.sort().map((name) => `import "../../peers/clients/${name}";\n`);
  await writeFile(join(dir, "base", "harness", "suite-files.js"), imports.join(""));
  return join("base", "harness", "entry.js");
}
