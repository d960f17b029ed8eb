/** Bundles a Worker as wrangler does, and serves it with the real workerd. */

import { spawn } from "node:child_process";
import { copyFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { program } from "../../base/runners/runtimes.js";

// What pkg-template/README.md says is needed: from this day on, a promise may be awaited in one request and resolved in
// another without a flag.
export const COMPATIBILITY_DATE = "2024-10-14";

/**
 * @param {object} input
 * @param {string} input.dir the project
 * @param {string} input.entry
 * @param {string} [input.name] of this bundle among those of the project
 * @param {Record<string, string>} [input.define] texts that the code finds under these names
 * @returns {Promise<string>} the folder with index.js and the modules it imports
 */
export async function bundleWorker({ dir, entry, name = "worker", define = {} }) {
  const outdir = join(dir, "out", name);
  const literals = Object.entries(define).map(([key, text]) => [key, JSON.stringify(text)]);
  await build({
    absWorkingDir: dir,
    entryPoints: { index: entry },
    outdir,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:workers"],
    loader: { ".wasm": "copy" },
    define: Object.fromEntries(literals),
    logLevel: "warning",
  });
  return outdir;
}

/**
 * @param {object} input
 * @param {string} input.worker a folder with index.js and perhaps WebAssembly
 * @param {string} input.caFile whom the Worker's `fetch` trusts
 * @param {string} [input.front] a Worker that gets the requests in its place, with the other one bound as WORKER
 * @param {string[]} [input.flags] of compatibility
 * @param {string} [input.entrypoint] of the Worker's own, bound to it as SIGN_INS
 * @returns {Promise<{url: string, pid: number, output: () => string, stop: () => Promise<void>}>}
 */
export async function startWorkerd({ worker, caFile, front, flags = [], entrypoint }) {
  const modules = (await readdir(worker)).filter((name) => /\.(js|wasm)$/.test(name));
  if (front) await copyFile(front, join(worker, "front.mjs"));
  // The main module comes first.
  modules.sort((a, b) => Number(b === "index.js") - Number(a === "index.js"));
  const config = join(worker, "config.capnp");
  await copyFile(caFile, join(worker, "ca.pem")); // it embeds what lies beside it
  await writeFile(config, configuration(modules, front, flags, entrypoint));
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
    pid: child.pid,
    output: () => output,
    async stop() {
      kill();
      await closed;
      process.off("exit", kill);
    },
  };
}

/** @returns {string} in the language of workerd.capnp */
function configuration(modules, front, flags, entrypoint) {
  const embedded = modules.map((name) => {
    const kind = name.endsWith(".wasm") ? "wasm" : "esModule";
    return `(name = "${name}", ${kind} = embed "${name}")`;
  });
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    ${front ? '(name = "front", worker = .front),' : ""}
    (name = "internet", network = (
      allow = ["public", "private"],
      tlsOptions = (trustBrowserCas = false, trustedCertificates = [embed "ca.pem"])
    ))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "${front ? "front" : "worker"}")]
);

const worker :Workerd.Worker = (
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ${JSON.stringify(flags)},
  ${entrypoint ? rpc(entrypoint) : ""}
  modules = [
    ${embedded.join(",\n    ")}
  ]
);

const front :Workerd.Worker = (
  compatibilityDate = "${COMPATIBILITY_DATE}",
  modules = [(name = "front.mjs", esModule = ${front ? 'embed "front.mjs"' : '""'})],
  bindings = [(name = "WORKER", service = "worker")]
);
`;
}

/** Says of a Worker that it may call an entrypoint of its own. */
function rpc(entrypoint) {
  return `bindings = [(name = "SIGN_INS", service = (name = "worker", entrypoint = "${entrypoint}"))],`;
}
