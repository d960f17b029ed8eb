// What the package says of the WebAssembly in it: which bytes, and what made them of the sources.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/**
 * The text of BUILD.
 *
 * @param {string} wasm the file
 * @param {string} version the package's
 * @param {string} toolchain what the tools say of themselves, a line each
 */
export function buildNote(wasm, version, toolchain) {
  const sha256 = createHash("sha256").update(readFileSync(wasm)).digest("hex");
  return `${basename(wasm)}
sha256: ${sha256}

It was built from version ${version} of https://github.com/entra-device-code/entra-device-code by

${toolchain.trim()}

The same tools make the same bytes of the same sources, in whatever folder. To see for yourself, at the tag v${version}:

    make reproduce TARBALL=entra-device-code-${version}.tgz

The files that hold the WebAssembly as text hold these bytes, too; node-inline.mjs holds them compressed with Brotli.
`;
}
