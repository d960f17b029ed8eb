import { runProgram } from "./program.js";

/** @type {import("./run.js").Runner} */
export function run({ dir, env, servers }) {
  return runProgram(process.execPath, ["--expose-gc", "harness/entry.js"], {
    cwd: dir,
    env: { ...env, NODE_EXTRA_CA_CERTS: servers.certificate.caFile },
  });
}
