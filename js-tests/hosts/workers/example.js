/** The package's Worker example: bundled by wrangler, served by workerd, on a network that has Entra and Graph alone. */

import { execFile } from "node:child_process";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { linkPackages } from "../../base/runners/project.js";
import { program } from "../../base/runners/runtimes.js";

const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
  "bin",
  "wrangler.js",
);

/**
 * @typedef {object} Deployment
 * @property {any} config wrangler.jsonc
 * @property {string} assets the folder of what is served as it is
 * @property {object[]} modules
 * @property {string} output what wrangler said
 */

/**
 * What `wrangler deploy` would upload.
 *
 * @param {{dir: string, env: Record<string, string>}} project
 * @param {string} name of the folder to copy the example to
 * @param {[string, string, string][]} [changes] of the code: a file, a text that is there, and another
 * @returns {Promise<Deployment>}
 */
export async function bundleExample({ dir, env }, name, changes = []) {
  const folder = join(dir, name);
  await cp(join(dir, "node_modules", "entra-device-code", "examples", "worker"), folder, {
    recursive: true,
  });
  for (const [file, text, other] of changes) {
    const code = await readFile(join(folder, file), "utf8");
    if (!code.includes(text)) throw new Error(`${file} does not say ${text}`);
    await writeFile(join(folder, file), code.replace(text, other));
  }

  const { stdout, stderr } = await promisify(execFile)(
    program("node22"), // wrangler wants a newer one than the tests
    [WRANGLER, "deploy", "--dry-run", "--outdir=out"],
    { cwd: folder, env: { ...env, WRANGLER_SEND_METRICS: "false", CI: "true" } },
  );
  const out = join(folder, "out");
  const names = (await readdir(out)).filter((each) => /\.(js|wasm)$/.test(each));
  names.sort((a, b) => Number(b === "worker.js") - Number(a === "worker.js")); // the main one first
  const modules = names.map(async (path) => ({
    type: path.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
    path,
    contents: await readFile(join(out, path)),
  }));
  const config = parseJsonc(await readFile(join(folder, "wrangler.jsonc"), "utf8"));
  return {
    config,
    assets: join(folder, config.assets.directory),
    modules: await Promise.all(modules),
    output: stdout + stderr,
  };
}

/**
 * What the example needs beside the package, in a project.
 *
 * @param {string} dir
 */
export const linkNeeds = (dir) => linkPackages(dir, ["uqr"]);

/** Its comments have lines of their own. */
function parseJsonc(text) {
  const lines = text.split("\n").filter((line) => !/^\s*\/\//.test(line));
  return JSON.parse(lines.join("\n"));
}

/**
 * Serves the example from two Workers, which are two isolates: only one of them has the Durable Objects.
 *
 * @param {Deployment} deployment
 * @param {object} world
 * @param {string} world.encryptionKey
 * @param {string} world.folder where the storage is
 * @param {(request: Request) => Promise<Response>} world.network
 * @param {boolean} [world.isLimited] whether there is a rate limit, as wrangler.jsonc has it
 */
export async function serve(
  { config, modules, assets },
  { encryptionKey, folder, network, isLimited = true },
) {
  const limits = config.ratelimits.map(({ name, ...limit }) => [name, limit]);
  const worker = {
    modules,
    compatibilityDate: config.compatibility_date,
    bindings: { ...config.vars, ENCRYPTION_KEY: encryptionKey },
    outboundService: network,
    assets: { directory: assets, routerConfig: { has_user_worker: true } },
    ratelimits: isLimited ? Object.fromEntries(limits) : {},
  };
  const [{ name: binding, class_name: className }] = config.durable_objects.bindings;
  const here = { className, useSQLite: config.exports[className].storage === "sqlite" };
  const there = { className, scriptName: config.name };
  const logged = [];
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        { ...worker, name: config.name, durableObjects: { [binding]: here } },
        { ...worker, name: "elsewhere", durableObjects: { [binding]: there } },
      ],
      resourcePersistencePath: folder,
      handleStructuredLogs: ({ level, message }) => void logged.push(`${level}: ${message}`),
    }),
  );
  const url = await miniflare.ready;
  const workers = await Promise.all(
    [config.name, "elsewhere"].map((each) => miniflare.getWorker(each)),
  );
  return {
    logged,
    /** Where a browser finds the first of the two. */
    url: url.href,
    /** Asks one of the two, in turn. */
    fetch(path, init) {
      const [next] = workers;
      workers.push(workers.shift());
      return next.fetch(`https://worker.example${path}`, init);
    },
    evict: (id) => miniflare.unsafeEvictDurableObject(config.name, className, { id }),
    stop: () => miniflare.dispose(),
  };
}
