import { fileURLToPath } from "node:url";
import { runProgram } from "./program.js";

const HOST = fileURLToPath(new URL("edge-host.js", import.meta.url));

/** @type {import("./run.js").Runner} */
export function run({ dir, env, servers }) {
  return runProgram(process.execPath, [HOST], {
    cwd: dir,
    env: { ...env, NODE_EXTRA_CA_CERTS: servers.certificate.caFile },
  });
}
