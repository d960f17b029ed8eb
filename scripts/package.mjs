// Assembles `pkg/` from the wasm that wasm-pack built and from `pkg-template/`, and prints the size of what an app loads.
// With `--check`, fails above the limits.
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { buildNote } from "./build-note.mjs";
import { glueOf, LIB } from "./glue.mjs";
import { blankUnread } from "./unread.mjs";
import { shortenNames } from "./short-names.mjs";
import { checkSizes } from "./sizes.mjs";
import { thirdParty } from "./third-party.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const template = join(root, "pkg-template");
const wasm = join(root, "build", "short");
const module = join(wasm, "entra_device_code_bg.wasm");
const pkg = join(root, "pkg");
const nodeModules = join(root, "js-tests", "node_modules");
const require = createRequire(join(root, "js-tests", "package.json"));
const esbuild = require("esbuild");

/** `#glue`: see glue.mjs. */
const glue = {
  name: "glue",
  setup(build) {
    build.onResolve({ filter: /^#glue$/ }, () => ({ path: "glue", namespace: "glue" }));
    build.onLoad({ filter: /.*/, namespace: "glue" }, () => {
      const text = readFileSync(join(wasm, "entra_device_code_bg.js"), "utf8");
      return { contents: glueOf(text), resolveDir: template };
    });
  },
};

shortenNames(join(root, "build", "wasm"), wasm, join(nodeModules, ".bin", "wasm-opt"));
blankUnread(module);
// Base64 alone can't be compressed well by whoever carries a bundle. Small blocks fit the sections of the module.
const params = { [constants.BROTLI_PARAM_LGBLOCK]: constants.BROTLI_MIN_INPUT_BLOCK_BITS };
writeFileSync(`${module}.br`, brotliCompressSync(readFileSync(module), { params }));

rmSync(pkg, { recursive: true, force: true });
mkdirSync(pkg, { recursive: true });

const shared = {
  absWorkingDir: template,
  // Where the libraries are that become part of the package.
  nodePaths: [nodeModules],
  // What is built names its sources as they are found, and so is the same wherever the libraries are kept.
  preserveSymlinks: true,
  metafile: true,
  outdir: pkg,
  bundle: true,
  alias: {
    "#base64": module,
    "#base64url": "./lib/base64url.js",
    "#brotli": `${module}.br`,
    [LIB]: "./lib/boundary.js",
  },
  plugins: [glue],
  loader: { ".wasm": "base64", ".br": "base64" },
  minify: true,
  sourcemap: true,
  // An uncaught error shows the line it came from: let that be one a terminal can show.
  lineLimit: 120,
  legalComments: "none",
};
/** What each build is made of. */
const metafiles = [];
async function build(options) {
  metafiles.push((await esbuild.build({ ...shared, ...options })).metafile);
}
await build({
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
await build({
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
    "./stores.mjs",
    "node:buffer",
    "node:zlib",
  ],
});
// Apart, as few programs keep tokens anywhere but in memory.
for (const [format, extension] of [
  ["cjs", ".cjs"],
  ["esm", ".mjs"],
]) {
  await build({
    alias: { ...shared.alias, "#base64url": "./lib/files/base64url.js" },
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
await build({
  alias: { ...shared.alias, "#stores": "../stores.mjs" },
  entryPoints: ["cli/main.js"],
  outdir: join(pkg, "cli"),
  format: "esm",
  platform: "node",
  target: "node20",
  minify: false,
  external: ["entra-device-code", "../stores.mjs"],
});
writeFileSync(join(pkg, "THIRD-PARTY"), thirdParty(root, template, metafiles));
for (const name of ["package.json", "node.mjs", "README.md"]) {
  copyFileSync(join(template, name), join(pkg, name));
}
for (const name of ["index", "core", "cloudflare", "wasm"]) {
  const declarations = readFileSync(join(template, `${name}.d.ts`), "utf8");
  writeFileSync(join(pkg, `${name}.d.ts`), declarations);
  writeFileSync(join(pkg, `${name}.d.cts`), declarations.replaceAll('.js";', '.cjs";'));
}
for (const name of ["bin", "examples"]) {
  cpSync(join(template, name), join(pkg, name), { recursive: true });
}
copyFileSync(join(root, "LICENSE"), join(pkg, "LICENSE"));
copyFileSync(module, join(pkg, "entra_device_code_bg.wasm"));

const { version } = JSON.parse(readFileSync(join(template, "package.json"), "utf8"));
const crate = readFileSync(join(root, "Cargo.toml"), "utf8").match(/^version = "(.*)"$/m)[1];
if (version !== crate) throw new Error(`package.json says ${version}, Cargo.toml says ${crate}`);
const toolchain = readFileSync(join(root, "build", "wasm", "toolchain.txt"), "utf8");
writeFileSync(join(pkg, "BUILD"), buildNote(join(pkg, "entra_device_code_bg.wasm"), version, toolchain));

const isSmall = await checkSizes(pkg, esbuild);
if (process.argv.includes("--check") && !isSmall) process.exitCode = 1;
