import { runProgram } from "./program.js";
import { program } from "./runtimes.js";

// What the suite itself needs: where the servers are, and the variables that its cases set.
const VARIABLES = [
  "TEST_SERVERS",
  "AZURE_AUTHORITY_HOST",
  "AZURE_CLIENT_ID",
  "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH",
  "AZURE_TENANT_ID",
];

/** @type {import("./run.js").Runner} */
export function run({ dir, env, servers }) {
  const flags = [
    "--no-prompt",
    "--v8-flags=--expose-gc",
    "--allow-net=localhost,127.0.0.1",
    `--allow-read=${dir}`,
    `--allow-env=${VARIABLES}`,
  ];
  const args = ["run", "--quiet", "--node-modules-dir=manual", ...flags, "base/harness/entry.js"];
  return runProgram(program("deno"), args, {
    cwd: dir,
    env: { ...env, DENO_CERT: servers.certificate.caFile, DENO_NO_UPDATE_CHECK: "1" },
  });
}
