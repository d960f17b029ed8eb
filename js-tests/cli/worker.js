/** The Worker example in workerd, bundled as wrangler does it, with a network that has Entra and Graph alone. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare, Response } from "miniflare";
import { testServers } from "../harness/servers.js";
import { trustingFetch } from "../servers/https-client.js";
import { place } from "./program.js";

/**
 * @param {import("../harness/suite.js").TestContext} t
 * @param {string} dir where the file is
 * @param {string} file
 * @param {{record: string, s: import("../harness/scenario.js").Scenario, me: object}} world
 */
export async function startWorker(t, dir, file, { record, s, me }) {
  const fetchEntra = trustingFetch(await readFile(place.caFile, "utf8"));
  const options = convertV4MiniflareOptions({
    modules: await bundle(dir, file),
    compatibilityDate: "2025-09-01",
    bindings: { AUTHENTICATION_RECORD: record },
    kvNamespaces: ["TOKENS"],
    outboundService: async (request) => {
      const { host, href } = new URL(request.url);
      if (host.startsWith("login.")) return relay(request);
      const authorized = /^Bearer [^.]+\.[^.]+\./.test(request.headers.get("authorization") ?? "");
      if (href !== "https://graph.microsoft.com/v1.0/me" || !authorized) {
        return new Response("", { status: 401 });
      }
      return Response.json(me);
    },
  });
  const miniflare = new Miniflare(options);
  t.after(() => miniflare.dispose());
  const tokens = await miniflare.getKVNamespace("TOKENS");
  return {
    get: () => miniflare.dispatchFetch("https://worker.example/"),
    store: (cache) => tokens.put("cache", cache),
    stored: () => tokens.get("cache"),
  };

  async function relay(request) {
    const { host, pathname, search } = new URL(request.url);
    const { status, headers, body } = await fetchEntra(
      `${testServers().entra.url}/~${s.id}/${host}${pathname}${search}`,
      {
        method: request.method,
        headers: { ...Object.fromEntries(request.headers), host: "localhost" },
        body: await request.text(),
      },
    );
    return new Response(body, { status, headers: Object.fromEntries(headers) });
  }
}

async function bundle(dir, file) {
  const { outputFiles } = await build({
    absWorkingDir: dir,
    entryPoints: [file],
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    outdir: "bundled",
    write: false,
  });
  const root = join(dir, "bundled");
  return outputFiles
    .map(({ path, contents }) => ({
      type: path.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
      path: path.slice(root.length + 1),
      contents,
    }))
    .sort((one) => (one.type === "ESModule" ? -1 : 1)); // the first is the Worker
}
