// Assembles `pkg/` from the wasm that wasm-pack built and from `pkg-template/`, and prints the size of what a Node app
// loads. With `--check`, fails above the limit.
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT = 60 * 1024;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const template = join(root, "pkg-template");
const wasm = join(root, "build", "wasm");
const pkg = join(root, "pkg");
const require = createRequire(join(root, "js-tests", "package.json"));
const esbuild = require("esbuild");

rmSync(pkg, { recursive: true, force: true });
mkdirSync(pkg, { recursive: true });

const shared = {
  absWorkingDir: template,
  outdir: pkg,
  bundle: true,
  alias: {
    "#glue": join(wasm, "entra_device_code_bg.js"),
    "#base64": join(wasm, "entra_device_code_bg.wasm"),
  },
  loader: { ".wasm": "base64" },
  minify: true,
  // An uncaught error shows the line it came from: let that be one a terminal can show.
  lineLimit: 120,
  legalComments: "none",
};
await esbuild.build({
  ...shared,
  alias: { ...shared.alias, "#stores": "./stores.cjs" },
  entryPoints: ["node.js", "core.js", "core-node.js", "cloudflare.js"],
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  platform: "node",
  target: "node20",
  external: ["./stores.cjs"],
  // `require`, which is there wherever this is.
  supported: { "dynamic-import": false },
});
// Split, so that an app that uses two of them has one set of classes.
await esbuild.build({
  ...shared,
  alias: { ...shared.alias, "#stores": "./stores.mjs" },
  entryPoints: [
    "workerd.js",
    "edge-light.js",
    "inline.js",
    "node-inline.js",
    "core.js",
    "core-node.js",
    "cloudflare.js",
  ],
  format: "esm",
  outExtension: { ".js": ".mjs" },
  splitting: true,
  chunkNames: "shared-[hash]",
  platform: "neutral",
  target: "es2022",
  external: [
    "./entra_device_code_bg.wasm",
    "./entra_device_code_bg.wasm?module",
    "./inline.mjs",
    "./stores.mjs",
  ],
});
// Apart, as few programs keep tokens anywhere but in memory.
for (const [format, extension] of [
  ["cjs", ".cjs"],
  ["esm", ".mjs"],
]) {
  await esbuild.build({
    ...shared,
    entryPoints: [{ in: "lib/stores/with-files.js", out: "stores" }],
    format,
    outExtension: { ".js": extension },
    platform: "node",
    target: "node20",
    // With its white space, as comments in it tell bundlers what to leave alone.
    minify: false,
    minifySyntax: true,
    minifyIdentifiers: true,
  });
}
for (const name of ["package.json", "node.mjs", "README.md"]) {
  copyFileSync(join(template, name), join(pkg, name));
}
for (const name of ["index", "core", "cloudflare", "wasm"]) {
  const declarations = readFileSync(join(template, `${name}.d.ts`), "utf8");
  writeFileSync(join(pkg, `${name}.d.ts`), declarations);
  writeFileSync(join(pkg, `${name}.d.cts`), declarations.replaceAll('.js";', '.cjs";'));
}
for (const name of ["bin", "cli", "examples"]) {
  cpSync(join(template, name), join(pkg, name), { recursive: true });
}
copyFileSync(join(root, "LICENSE"), join(pkg, "LICENSE"));
copyFileSync(join(wasm, "entra_device_code_bg.wasm"), join(pkg, "entra_device_code_bg.wasm"));

const { version } = JSON.parse(readFileSync(join(template, "package.json"), "utf8"));
const crate = readFileSync(join(root, "Cargo.toml"), "utf8").match(/^version = "(.*)"$/m)[1];
if (version !== crate) throw new Error(`package.json says ${version}, Cargo.toml says ${crate}`);

let raw = 0;
let gzipped = 0;
for (const name of ["node.mjs", "node.cjs", "entra_device_code_bg.wasm"]) {
  const content = readFileSync(join(pkg, name));
  const zipped = gzipSync(content, { level: 9 }).length;
  raw += content.length;
  gzipped += zipped;
  print(name, content.length, zipped);
}
print("all that a Node app loads", raw, gzipped);
writeFileSync(join(root, "build", "size.json"), `${JSON.stringify({ raw, gzipped, limit: LIMIT })}\n`);
if (process.argv.includes("--check") && gzipped > LIMIT) {
  console.error(`That is more than the limit of ${LIMIT} bytes gzipped.`);
  process.exit(1);
}

function print(name, bytes, zipped) {
  console.log(`${name.padEnd(28)} ${String(bytes).padStart(7)} bytes  ${String(zipped).padStart(6)} gzipped`);
}
