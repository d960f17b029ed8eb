/**
 * The declarations of the packed package, as TypeScript users meet them, and how it is packed:
 *
 *     node types/run.js [--tarball FILE]
 */

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createProject, linkPackages } from "../runners/project.js";
import { program } from "../runners/runtimes.js";
import { compile, judge } from "./compile.js";

const JS_TESTS = fileURLToPath(new URL("..", import.meta.url));
const PROGRAMS = fileURLToPath(new URL("./programs", import.meta.url));

/** The strictest there is, and no types but those a program imports. */
const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
  noEmit: true,
  target: "esnext",
  types: [],
};

const MODULES = {
  "module nodenext": { module: "nodenext" },
  "module node16": { module: "node16" },
  "module resolution bundler": { module: "esnext", moduleResolution: "bundler" },
};

/** Neither the web's types nor Node's: the declarations bring what they need. */
const BARE = { lib: ["es2022"] };
const WEB = { lib: ["es2022", "dom"] };
/** Declarations of others are not ours to check. */
const AZURE = { lib: ["es2023", "dom"], skipLibCheck: true };

/** @type {[string, object][]} */
const GROUPS = [
  ["every-option.ts", BARE],
  ["errors.ts", BARE],
  ["disposable.ts", { lib: ["esnext"] }],
  ["own-module.ts", BARE],
  ["cloudflare.ts", BARE],
  ["web.ts", WEB],
  ["azure.ts", AZURE],
  ["refused.ts", BARE],
];

const { values } = parseArgs({ options: { tarball: { type: "string" } } });
const project = await createProject({ tarball: values.tarball });
let passed = 0;
let failed = 0;
try {
  await furnish(project.dir);
  for (const [name, options] of GROUPS) {
    for (const [mode, module] of Object.entries(MODULES)) {
      await check(`${name}, ${mode}`, [name], { ...STRICT, ...module, ...options });
    }
  }
  // `import` becomes `require`, which is the point of it.
  const common = { ...STRICT, ...BARE, verbatimModuleSyntax: false };
  await check("common.cts, module nodenext", ["common.cts"], { ...common, module: "nodenext" });
  await check("common.cts, module node16", ["common.cts"], { ...common, module: "node16" });

  const bin = (name) => join(JS_TESTS, "node_modules", ".bin", name);
  const attw = ["--no-emoji", "--no-color", project.tarball];
  report("publint", await judge(bin("publint"), ["run", "--strict", project.tarball], project.dir));
  // Every export typed and documented, and no type that JSR would have to infer.
  const declarations = ["index.d.ts", "core.d.ts", "cloudflare.d.ts"].map((name) =>
    join(project.dir, "node_modules", "entra-device-code", name),
  );
  const lint = ["doc", "--quiet", "--lint", ...declarations];
  report("documented and explicit", await judge(program("deno"), lint, project.dir));
  report("are the types wrong?", await judge(bin("attw"), attw, project.dir));
} finally {
  await project.remove();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** @param {string} dir the project */
async function furnish(dir) {
  await linkPackages(dir, ["@azure/core-auth", "@azure/identity"]);
  await cp(PROGRAMS, join(dir, "programs"), { recursive: true });
}

/**
 * @param {string} name
 * @param {string[]} include
 * @param {object} options
 */
async function check(name, include, options) {
  report(name, await compile(join(project.dir, "programs"), options, include));
}

/**
 * @param {string} name
 * @param {{passed: boolean, output: string}} result
 */
function report(name, result) {
  if (result.passed) passed += 1;
  else failed += 1;
  console.log(`${result.passed ? "ok" : "not ok"} - ${name}`);
  if (!result.passed) console.log(result.output.replace(/^/gm, "    "));
}
