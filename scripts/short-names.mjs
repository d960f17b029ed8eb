// Gives what the wasm imports and exports names of a letter or two, in the wasm and in wasm-bindgen's glue: the long ones are
// 3 KB, gzipped, of what every app loads.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const WASM = "entra_device_code_bg.wasm";
const GLUE = "entra_device_code_bg.js";
/** What Rust has put into the wasm; nothing newer gets in. */
const FEATURES = [
  "--enable-bulk-memory",
  "--enable-multivalue",
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
];

/** Reads both in one folder and writes both in another. All imports are then of the module `a`. */
export function shortenNames(from, to, wasmOpt) {
  mkdirSync(to, { recursive: true });
  const files = [join(from, WASM), "-o", join(to, WASM)];
  const map = execFileSync(wasmOpt, [...files, ...FEATURES, "--minify-imports-and-exports-and-modules"]);
  const { imports, exports } = JSON.parse(map);
  // No name is an import's and an export's, and none is a word of the glue besides.
  const short = new Map([...imports.map(([, ...names]) => names), ...exports]);
  // The one export that is called from outside the glue gets a name there.
  const start = "export const start = () => wasm.__wbindgen_start();";
  const glue = `${readFileSync(join(from, GLUE), "utf8")}\n${start}\n`;
  const renamed = glue.replace(/[\w$]+/g, (word) => short.get(word) ?? word);
  writeFileSync(join(to, GLUE), renamed);
}
