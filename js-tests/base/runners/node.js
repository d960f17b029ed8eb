import { runProgram } from "./program.js";

/**
 * The suite with `import`, on a Node.
 *
 * @param {() => string} path of the program
 * @returns {import("./run.js").Runner}
 */
export const importingOn =
  (path) =>
  ({ dir, env, servers }) =>
    runProgram(path(), ["--expose-gc", "base/harness/entry.js"], {
      cwd: dir,
      env: { ...env, NODE_EXTRA_CA_CERTS: servers.certificate.caFile },
    });

/** The Node that runs this. */
export const run = importingOn(() => process.execPath);
