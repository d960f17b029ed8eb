import { runProgram } from "./program.js";
import { program } from "./runtimes.js";

/** @type {import("./run.js").Runner} */
export function run({ dir, env, servers }) {
  return runProgram(program("bun"), ["base/harness/entry.js"], {
    cwd: dir,
    env: { ...env, NODE_EXTRA_CA_CERTS: servers.certificate.caFile },
  });
}
