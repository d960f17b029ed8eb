/** Bundles a Worker as wrangler does, and serves it with the real workerd. */

import { spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { program } from "../runners/runtimes.js";

// What pkg-template/README.md says is needed: from this day on, a promise may be awaited in one request and resolved in
// another without a flag.
const COMPATIBILITY_DATE = "2024-10-14";

/**
 * @param {object} input
 * @param {string} input.dir the project
 * @param {string} input.entry
 * @returns {Promise<string>} the folder with index.js and the modules it imports
 */
export async function bundleWorker({ dir, entry }) {
  const outdir = join(dir, "out", entry.replaceAll(/\W/g, "-"));
  await build({
    absWorkingDir: dir,
    entryPoints: { index: entry },
    outdir,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
    logLevel: "warning",
  });
  return outdir;
}

/**
 * @param {object} input
 * @param {string} input.worker a folder with index.js and perhaps WebAssembly
 * @param {string} input.caFile whom the Worker's `fetch` trusts
 * @param {Record<string, string>} [input.bindings] texts in its `env`
 * @returns {Promise<{url: string, output: () => string, stop: () => Promise<void>}>}
 */
export async function startWorkerd({ worker, caFile, bindings = {} }) {
  const modules = (await readdir(worker)).filter((name) => /\.(js|wasm)$/.test(name));
  // The main module comes first.
  modules.sort((a, b) => Number(b === "index.js") - Number(a === "index.js"));
  const config = join(worker, "config.capnp");
  await writeFile(config, configuration({ modules, caFile, bindings }));
  const child = spawn(program("workerd"), ["serve", config, "--control-fd=3"], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const closed = new Promise((resolve) => child.once("close", resolve));
  const port = await new Promise((resolve, reject) => {
    let events = "";
    child.stdio[3].setEncoding("utf8").on("data", (text) => {
      events += text;
      const found = events.match(/"event":"listen".*"port":(\d+)/);
      if (found) resolve(Number(found[1]));
    });
    child.once("error", reject);
    closed.then(() => reject(new Error(`workerd ended:\n${output}`)));
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    output: () => output,
    async stop() {
      kill();
      await closed;
      process.off("exit", kill);
    },
  };
}

/** @returns {string} in the language of workerd.capnp */
function configuration({ modules, caFile, bindings }) {
  const text = JSON.stringify;
  const list = (items) => `[\n      ${items.join(",\n      ")}\n    ]`;
  const module = (name) => {
    const kind = name.endsWith(".wasm") ? "wasm" : "esModule";
    return `(name = ${text(name)}, ${kind} = embed ${text(name)})`;
  };
  const binding = ([name, value]) => `(name = ${text(name)}, text = ${text(value)})`;
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "internet", network = (
      allow = ["public", "private"],
      tlsOptions = (trustBrowserCas = false, trustedCertificates = [embed ${text(caFile)}])
    ))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")]
);

const worker :Workerd.Worker = (
  compatibilityDate = ${text(COMPATIBILITY_DATE)},
  modules = ${list(modules.map(module))},
  bindings = ${list(Object.entries(bindings).map(binding))}
);
`;
}
