/**
 * Programs written for `@azure/identity`, and caches written by `@azure/msal-node`, with the packed package:
 *
 *     node peers/drop-in/run.js [--tarball FILE] [--only PART-OF-A-NAME]
 *
 * The programs are TypeScript. Each is compiled as it stands (`theirs/`) and with the import of DeviceCodeCredential
 * changed (`ours/`); both must pass the compiler's strictest checks.
 */

import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runProgram } from "../../base/runners/program.js";
import { createProject, linkPackages } from "../../base/runners/project.js";
import { startServers } from "../../base/servers/start.js";
import { compile } from "../../hosts/types/compile.js";

const JS_TESTS = fileURLToPath(new URL("../..", import.meta.url));
const HERE = fileURLToPath(new URL(".", import.meta.url));

/** The import that changes: of whatever names, DeviceCodeCredential among them. */
const IMPORT = /(import \{[^}]*\bDeviceCodeCredential\b[^}]*\} from) "@azure\/identity"/;

const COMPILER_OPTIONS = {
  module: "nodenext",
  target: "es2023",
  lib: ["es2023", "dom", "esnext.disposable"],
  strict: true,
  noUncheckedIndexedAccess: true,
  // The declarations of @azure/identity want those of Node.
  skipLibCheck: true,
  types: [],
};

const { values } = parseArgs({
  options: { tarball: { type: "string" }, only: { type: "string" } },
});

const project = await createProject({ tarball: values.tarball });
const servers = await startServers();
try {
  await furnish(project.dir);
  const compiled = {};
  for (const library of ["theirs", "ours"]) {
    compiled[library] = await compile(
      join(project.dir, "peers", "drop-in", library),
      COMPILER_OPTIONS,
    );
  }
  const { entra, oidc, certificate } = servers;
  const testServers = { entra, oidc, certificate, runtime: "node", only: values.only, compiled };
  const env = {
    ...project.env,
    NODE_EXTRA_CA_CERTS: certificate.caFile,
    TEST_SERVERS: JSON.stringify(testServers),
  };
  const program = join("base", "harness", "entry.js");
  const passed = await runProgram(process.execPath, [program], { cwd: project.dir, env });
  if (!passed) process.exitCode = 1;
} finally {
  await servers.stop();
  await project.remove();
}

/** @param {string} dir the project */
async function furnish(dir) {
  await cp(join(JS_TESTS, "base", "harness"), join(dir, "base", "harness"), { recursive: true });
  await linkPackages(dir, ["@azure/identity", "@azure/msal-node", "@azure/core-auth", "jose"]);
  const files = await readdir(HERE);
  const tests = files.filter((name) => name.endsWith(".test.js")).sort();
  const imports = tests.map((name) => `import "../../peers/drop-in/${name}";\n`);
  await writeFile(join(dir, "base", "harness", "suite-files.js"), imports.join(""));

  const theirs = join(dir, "peers", "drop-in", "theirs");
  const ours = join(dir, "peers", "drop-in", "ours");
  await Promise.all([theirs, ours].map((each) => mkdir(each, { recursive: true })));
  for (const name of tests) await cp(join(HERE, name), join(dir, "peers", "drop-in", name));
  for (const name of files.filter((each) => each.endsWith(".ts"))) {
    const program = await readFile(join(HERE, name), "utf8");
    const moved = program.replace(IMPORT, '$1 "entra-device-code"');
    if (program.includes("DeviceCodeCredential") && moved === program) {
      throw new Error(`${name}: the import of DeviceCodeCredential is not where it was`);
    }
    await writeFile(join(theirs, name), program);
    await writeFile(join(ours, name), moved);
  }
}
