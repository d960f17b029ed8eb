/** Runs the suite of the project it is started in on Vercel's edge runtime: bundles it as `next build` does, and asks it. */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";
import { runByRequest } from "./request.js";

/** Vercel compiles such modules beforehand and puts them in the global scope. */
const modules = {};
const compiledBeforehand = {
  name: "wasm?module",
  setup(plugin) {
    plugin.onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace("?module", "")),
      namespace: "wasm",
    }));
    plugin.onLoad({ filter: /./, namespace: "wasm" }, ({ path }) => {
      const name = `wasm_${Object.keys(modules).length}`;
      modules[name] = new WebAssembly.Module(readFileSync(path));
      return { contents: `export default ${name}`, resolveDir: dirname(path) };
    });
  },
};

const { outputFiles } = await build({
  entryPoints: ["base/harness/edge-entry.js"],
  bundle: true,
  write: false,
  format: "iife",
  banner: { js: '"use strict";' }, // as the modules are that it is made of
  target: "es2022",
  conditions: ["edge-light", "worker"],
  plugins: [compiledBeforehand],
});
const runtime = new EdgeRuntime({
  initialCode: outputFiles[0].text,
  extend: (context) => Object.assign(context, modules),
});
const passed = await runByRequest(
  "http://suite/",
  JSON.parse(process.env.TEST_SERVERS),
  (...request) => runtime.dispatchFetch(...request),
);
process.exitCode = passed ? 0 : 1;
