/**
 * The declarations of the packed package, as TypeScript users meet them, and where its parts are:
 *
 *     node hosts/types/run.js [--tarball FILE]
 */

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ok } from "../../base/harness/assert.js";
import { createProject, linkPackages } from "../../base/runners/project.js";
import { program } from "../../base/runners/runtimes.js";
import { compile, judge } from "./compile.js";
import { writeSnippets } from "./snippets.js";

const JS_TESTS = fileURLToPath(new URL("../..", import.meta.url));
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
/** As programs for Node are compiled. */
const READER = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
  target: "es2023",
  lib: ["es2023", "esnext.disposable"],
  types: ["node"],
};
/** As an editor checks JavaScript. */
const SCRIPT = {
  allowJs: true,
  checkJs: true,
  strict: false,
  skipLibCheck: true,
  noEmit: true,
  target: "es2023",
  lib: ["es2023", "dom", "esnext.disposable"],
  types: ["node"],
};
/** As strictly as JavaScript can be that says what its functions take. Of a `catch`, it can't say that. */
const EXAMPLE = { ...SCRIPT, strict: true, useUnknownInCatchVariables: false };

/** The package's examples in JavaScript that are more than a few lines, and where they run. */
const EXAMPLES = {
  Node: [
    ["node-cli.js", "proxy.js", "mcp/server.js", "server/server.js"],
    { ...EXAMPLE, module: "nodenext" },
  ],
  "a Worker": [
    ["worker/worker.js"],
    {
      ...EXAMPLE,
      target: "esnext",
      lib: ["esnext"],
      types: ["@cloudflare/workers-types"],
      module: "esnext",
      moduleResolution: "bundler",
    },
  ],
  "a browser": [
    ["worker/public/live.js"],
    { ...EXAMPLE, target: "esnext", types: [], moduleDetection: "force", module: "esnext" },
  ],
};

/** Declarations of others are not ours to check. */
const AZURE = { lib: ["es2023", "dom"], skipLibCheck: true };

const CLOUDFLARE = { lib: ["esnext"], types: ["@cloudflare/workers-types"], skipLibCheck: true };

/** @type {[string, object][]} */
const GROUPS = [
  ["every-option.ts", BARE],
  ["errors.ts", BARE],
  ["disposable.ts", { lib: ["esnext"] }],
  ["own-module.ts", BARE],
  ["cloudflare.ts", BARE],
  ["web.ts", WEB],
  ["boundaries.ts", CLOUDFLARE],
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
    const older = { ...STRICT, module: "nodenext", ...options };
    await check(`${name}, with TypeScript 5.9`, [name], older, "typescript-5.9");
  }
  // `import` becomes `require`, which is the point of it.
  const common = { ...STRICT, ...BARE, verbatimModuleSyntax: false };
  await check("common.cts, module nodenext", ["common.cts"], { ...common, module: "nodenext" });
  await check("common.cts, module node16", ["common.cts"], { ...common, module: "node16" });

  const snippets = join(project.dir, "snippets");
  const installed = join(project.dir, "node_modules", "entra-device-code");
  const readmes = [join(installed, "README.md"), join(JS_TESTS, "..", "README.md")];
  const files = await writeSnippets(snippets, readmes, join(installed, "examples"));
  const reader = { ...READER, module: "nodenext" };
  for (const compiler of ["typescript", "typescript-5.9"]) {
    const all = ["context.d.ts", ...files.typed];
    report(`TypeScript for readers, ${compiler}`, await compile(snippets, reader, all, compiler));
  }
  ok(files.plain.length > 5, "the snippets of the READMEs are found");
  const all = ["context.d.ts", "npm.d.ts", ...files.plain];
  const script = { ...SCRIPT, module: "nodenext" };
  report(`${files.plain.length} snippets of the READMEs`, await compile(snippets, script, all));

  const examples = join(project.dir, "examples");
  await cp(join(installed, "examples"), examples, { recursive: true });
  for (const [where, [programs, options]] of Object.entries(EXAMPLES)) {
    report(`examples for ${where}, strictly`, await compile(examples, options, programs));
  }

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
  await linkPackages(dir, [
    "@azure/core-auth",
    "@azure/identity",
    "@azure/storage-blob",
    "@cloudflare/workers-types",
    "@hono/node-server",
    "@microsoft/microsoft-graph-client",
    "@modelcontextprotocol/sdk",
    "@types/node",
    "hono",
    "undici",
    "undici-types",
    "unstorage",
    "uqr",
  ]);
  await cp(PROGRAMS, join(dir, "programs"), { recursive: true });
}

/**
 * @param {string} name
 * @param {string[]} include
 * @param {object} options
 * @param {string} [compiler]
 */
async function check(name, include, options, compiler) {
  report(name, await compile(join(project.dir, "programs"), options, include, compiler));
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
