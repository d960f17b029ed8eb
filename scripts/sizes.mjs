// What the package weighs, gzipped, where it is used: all that a Node app loads, a Node app that esbuild bundled, and a Worker
// as it is uploaded.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const KB = 1024;
const WASM = "entra_device_code_bg.wasm";
const APP = `import { DeviceCodeCredential } from "entra-device-code";
globalThis.credential = new DeviceCodeCredential();`;

/** Prints the sizes, and says whether all are within their limits. */
export async function checkSizes(pkg, esbuild) {
  const read = (name) => readFileSync(join(pkg, name));
  const bundled = async (options) => {
    const { outputFiles } = await esbuild.build({
      stdin: { contents: APP, resolveDir: pkg },
      bundle: true,
      format: "esm",
      minify: true,
      write: false,
      logLevel: "error",
      ...options,
    });
    return outputFiles[0].contents;
  };
  const worker = { platform: "neutral", conditions: ["workerd"], external: ["*.wasm"] };
  const sizes = [
    measured("a Node app loads", 105 * KB, [read("node.mjs"), read("node.cjs"), read(WASM)]),
    measured("a Node app's bundle", 90 * KB, [await bundled({ platform: "node" })]),
    measured("a Worker's upload", 105 * KB, [await bundled(worker), read(WASM)]),
  ];
  for (const { what, raw, gzipped, limit } of sizes) {
    const excess = gzipped > limit ? `, ${gzipped - limit} too many` : "";
    console.log(`${what.padEnd(20)} ${raw} bytes, ${gzipped} gzipped; limit ${limit}${excess}`);
  }
  return sizes.every(({ gzipped, limit }) => gzipped <= limit);
}

function measured(what, limit, files) {
  const sum = (size) => files.reduce((sum, content) => sum + size(content), 0);
  return {
    what,
    limit,
    raw: sum((content) => content.length),
    gzipped: sum((content) => gzipSync(content, { level: 9 }).length),
  };
}
