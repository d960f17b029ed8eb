/**
 * Runs the suite against the packed package:
 *
 *     node base/runners/run.js <runtime>... [--tarball FILE] [--only PART-OF-A-NAME]
 *
 * A runtime is a module beside this one. The tarball may also be named by TARBALL; without one, ../pkg is packed.
 */

import { parseArgs } from "node:util";
import { startServers } from "../servers/start.js";
import { addSuite, createProject } from "./project.js";

/**
 * @typedef {object} RunnerInput
 * @property {string} dir the project: `suite/`, `base/harness/` and the installed package
 * @property {Record<string, string>} env with TEST_SERVERS set
 * @property {import("../servers/start.js").Servers} servers
 * @property {object} testServers what a runtime without an environment needs as `globalThis.__testServers`
 *
 * @typedef {(input: RunnerInput) => Promise<boolean>} Runner prints the closing line; true if every case passed
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tarball: { type: "string" }, only: { type: "string" } },
});
if (positionals.length === 0) throw new Error("which runtime? e.g. node base/runners/run.js node");

const project = await createProject({ tarball: values.tarball });
const servers = await startServers();
try {
  await addSuite(project);
  for (const runtime of positionals) {
    const { run } = await import(`./${runtime}.js`);
    const { entra, oidc, certificate } = servers;
    const testServers = { entra, oidc, certificate, runtime, only: values.only };
    const env = { ...project.env, TEST_SERVERS: JSON.stringify(testServers) };
    console.log(`# ${runtime}`);
    let passed = false;
    try {
      passed = await run({ dir: project.dir, env, servers, testServers });
    } catch (error) {
      // Such as a runtime that there is none of for this platform.
      console.log(`not ok - ${runtime}: ${error.stack}`);
    }
    if (!passed) process.exitCode = 1;
  }
} finally {
  await servers.stop();
  await project.remove();
}
