import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { importingOn } from "./node.js";

const IMPORT = /^import \{([^}]*)\} from "entra-device-code";$/m;

/**
 * The suite with `require("entra-device-code")`, on a Node, in a folder of its own.
 *
 * @param {() => string} path of the program
 * @returns {import("./run.js").Runner}
 */
export const requiringOn =
  (path) =>
  async ({ dir, env, servers }) => {
    const cwd = join(dir, "require");
    for (const folder of ["suite", "base/harness"]) {
      await cp(join(dir, folder), join(cwd, folder), { recursive: true });
      for (const name of await readdir(join(cwd, folder))) {
        const path = join(cwd, folder, name);
        await writeFile(path, requiring(await readFile(path, "utf8")));
      }
    }
    return importingOn(path)({ dir: cwd, env, servers });
  };

/** The Node that runs this. */
export const run = requiringOn(() => process.execPath);

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
