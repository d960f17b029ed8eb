import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "./program.js";

const IMPORT = /^import \{([^}]*)\} from "entra-device-code";$/m;

/**
 * The suite with `require("entra-device-code")`, in a folder of its own.
 *
 * @type {import("./run.js").Runner}
 */
export async function run({ dir, env, servers }) {
  const cwd = join(dir, "require");
  for (const folder of ["suite", "harness"]) {
    await cp(join(dir, folder), join(cwd, folder), { recursive: true });
    for (const name of await readdir(join(cwd, folder))) {
      const path = join(cwd, folder, name);
      await writeFile(path, requiring(await readFile(path, "utf8")));
    }
  }
  return runProgram(process.execPath, ["--expose-gc", "harness/entry.js"], {
    cwd,
    env: { ...env, NODE_EXTRA_CA_CERTS: servers.certificate.caFile },
  });
}

/** @param {string} source of an ES module */
function requiring(source) {
  const required = source.replace(IMPORT, (_, names) => {
    const call = `createRequire(import.meta.url)("entra-device-code")`;
    return `import { createRequire } from "node:module";\nconst {${names.replaceAll(" as ", ": ")}} = ${call};`;
  });
  if (/from "entra-device-code"/.test(required)) {
    throw new Error("a suite file imports the package in a way this runner doesn't know");
  }
  return required;
}
