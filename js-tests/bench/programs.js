// The smallest programs that have a credential, and their bundles.

import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { program } from "../base/runners/runtimes.js";
import { COMPATIBILITY_DATE } from "../hosts/workers/workerd.js";

const require = createRequire(import.meta.url);

const workers = {};
const OPTIONS = '{ tenantId: "11111111-2222-3333-4444-555555555555" }';
const AUTHORITY = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555";
const MSAL = `{ auth: { clientId: "04b07795-8ddb-461a-bbee-02f9e1bf7b46", authority: "${AUTHORITY}" } }`;
const PROGRAMS = {
  empty: "",
  ours: `import { DeviceCodeCredential } from "entra-device-code";
new DeviceCodeCredential(${OPTIONS});
`,
  identity: `import { DeviceCodeCredential } from "@azure/identity";
new DeviceCodeCredential(${OPTIONS});
`,
  msal: `import { PublicClientApplication } from "@azure/msal-node";
new PublicClientApplication(${MSAL});
`,
};
/** @returns {Promise<string>} its path in the project */
export async function writeProgram(dir, who) {
  const path = join(dir, `${who}.js`);
  await writeFile(path, PROGRAMS[who]);
  return path;
}

/** @returns {Promise<string>} the path of the bundle */
export async function bundleForNode(dir, who) {
  const outfile = join(dir, "bundles", `${who}.cjs`);
  await build({
    entryPoints: [await writeProgram(dir, who)],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
  });
  return outfile;
}

/**
 * A Worker that makes its credential at its first request, uploaded by wrangler but for the sending.
 *
 * @returns {Promise<{folder: string, flags: string[]}>} what is uploaded, with an index.js, and the flags it needs
 */
export function buildWorker(dir, who) {
  // Once, as it takes seconds.
  workers[who] ??= upload(dir, who);
  return workers[who];
}

async function upload(dir, who) {
  const source = join(dir, "workers", who);
  const folder = join(source, "upload");
  await mkdir(source, { recursive: true });
  const [importing = "", constructing = ""] = PROGRAMS[who].split("\n");
  const code = `${importing}
export default {
  fetch() {
    ${constructing}
    return new Response("ready");
  },
};
`;
  const flags = who === "identity" ? ["nodejs_compat"] : [];
  const config = {
    name: "index",
    main: "index.js",
    compatibility_date: COMPATIBILITY_DATE,
    compatibility_flags: flags,
  };
  await writeFile(join(source, "index.js"), code);
  await writeFile(join(source, "wrangler.json"), JSON.stringify(config));
  const wrangler = join(dirname(require.resolve("wrangler/package.json")), "bin", "wrangler.js");
  // It wants a newer Node than the tests do.
  await promisify(execFile)(
    program("node22"),
    [wrangler, "deploy", "--dry-run", "--minify", `--outdir=${folder}`],
    { cwd: source, env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" } },
  );
  return { folder, flags };
}
