/**
 * Small apps with the packed package, bundled by what people bundle with, and run where nothing else is installed:
 *
 *     node hosts/bundlers/run.js [PART-OF-A-NAME]
 */

import { execFile } from "node:child_process";
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import webpack from "webpack";
import { equal, ok } from "../../base/harness/assert.js";
import { closingLine, run, test } from "../../base/harness/suite.js";
import { createProject } from "../../base/runners/project.js";
import { program } from "../../base/runners/runtimes.js";
import { createCertificate } from "../../base/servers/certificate.js";
import { startWorkerd } from "../workers/workerd.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ENTRA = fileURLToPath(new URL("../manners/programs/entra.js", import.meta.url));

const project = await createProject();
const certificate = await createCertificate();
const { dir } = project;
// Beside the project, so that nothing is found in its node_modules.
const built = join(dir, "..", "built");

/** Runs a bundle that shall print the token. */
async function prints(command, args, options = {}) {
  const { stdout } = await promisify(execFile)(command, args, { env: project.env, ...options });
  equal(stdout, "a token\n");
}

for (const format of /** @type {const} */ (["esm", "cjs"])) {
  for (const platform of /** @type {const} */ (["node", "browser", "neutral"])) {
    test(`esbuild: ${format} for ${platform}`, async () => {
      const extension = format === "esm" ? "mjs" : "cjs";
      const outfile = join(built, `esbuild-${platform}.${extension}`);
      const entryPoints = [join(dir, "app.js")];
      await esbuild({ entryPoints, outfile, bundle: true, platform, format, minify: true });
      await prints(process.execPath, [outfile]);
    });
  }
}

test("Vite: for a browser", async () => {
  const outDir = join(built, "vite");
  const lib = { entry: "app.js", formats: ["es"], fileName: "app" };
  await vite({
    root: dir,
    configFile: false,
    logLevel: "warn",
    build: { outDir, emptyOutDir: true, lib },
  });
  await prints(process.execPath, [await only(outDir)]);
});

test("Vite: for a server, with its dependencies in the bundle", async () => {
  const outDir = join(built, "vite-ssr");
  await vite({
    root: dir,
    configFile: false,
    logLevel: "warn",
    ssr: { noExternal: true },
    build: { outDir, emptyOutDir: true, ssr: "app.js" },
  });
  await prints(process.execPath, [await only(outDir)]);
});

test("Vite: for a server, with its dependencies beside it", async () => {
  const outDir = join(dir, "vite-ssr");
  await vite({ root: dir, configFile: false, logLevel: "warn", build: { outDir, ssr: "app.js" } });
  await prints(process.execPath, [await only(outDir)]);
});

/** More than this is more than the package weighs, as text, with the module in it. webpack would warn from 244 KiB on. */
const LARGEST = 480 * 1024;

for (const target of ["node", "web", "webworker"]) {
  test(`webpack: for ${target}`, async () => {
    const path = join(built, `webpack-${target}`);
    const output = { path, filename: "app.cjs" };
    const compiler = webpack({
      context: dir,
      entry: "./app.js",
      mode: "production",
      target,
      output,
      performance: { maxAssetSize: LARGEST, maxEntrypointSize: LARGEST },
    });
    const stats = await promisify(compiler.run.bind(compiler))();
    equal(stats.toString({ all: false, errors: true, warnings: true }), "");
    await prints(process.execPath, [join(path, "app.cjs")]);
  });
}

for (const options of [["--target=node", "--conditions=module"], ["--target=bun"], ["--compile"]]) {
  test(`Bun: ${options[0]}`, async () => {
    const out = join(built, `bun-${options[0].replace(/\W+/g, "")}`);
    const args = ["build", "app.js", ...options, `--outfile=${out}.mjs`];
    await promisify(execFile)(program("bun"), args, { cwd: dir, env: project.env });
    // It writes `__dirname` out: what reads the file would still find it, and not where the bundle is deployed.
    ok(!(await readFile(`${out}.mjs`)).includes(`${dir}/node_modules`), "a bundle on its own");
    if (options[0] === "--compile") await prints(`${out}.mjs`, []);
    else if (options[0] === "--target=bun") await prints(program("bun"), [`${out}.mjs`]);
    else await prints(process.execPath, [`${out}.mjs`]);
  });
}

test("Deno: compile, with the WebAssembly in the program", async () => {
  const out = join(built, "deno-compiled");
  const deno = program("deno");
  // The runtime of such programs would be downloaded. Deno itself stands in for it: it can be written out, not run.
  const env = { ...project.env, DENORT_BIN: deno };
  const args = ["compile", "--no-check", `--output=${out}`, "app.js"];
  await promisify(execFile)(deno, args, { cwd: dir, env });
  const wasm = join(dir, "node_modules", "entra-device-code", "entra_device_code_bg.wasm");
  ok((await readFile(out)).includes(await readFile(wasm)), "the WebAssembly is in it");
});

/** Each gives a command that runs the bundle. */
const STORED = {
  esbuild: async () => {
    const outfile = join(built, "stored-esbuild.mjs");
    const entryPoints = [join(dir, "stored.js")];
    await esbuild({ entryPoints, outfile, bundle: true, platform: "node", format: "esm" });
    return [process.execPath, outfile];
  },
  "esbuild, as CommonJS": async () => {
    const outfile = join(built, "stored-esbuild.cjs");
    const entryPoints = [join(dir, "stored.js")];
    await esbuild({ entryPoints, outfile, bundle: true, platform: "node", minify: true });
    return [process.execPath, outfile];
  },
  Vite: async () => {
    const outDir = join(built, "stored-vite");
    await vite({
      root: dir,
      configFile: false,
      logLevel: "warn",
      ssr: { noExternal: true },
      build: { outDir, emptyOutDir: true, ssr: "stored.js", minify: true },
    });
    return [process.execPath, await only(outDir)];
  },
  webpack: async () => {
    const path = join(built, "stored-webpack");
    const output = { path, filename: "app.cjs" };
    const what = { context: dir, entry: "./stored.js", mode: "production", target: "node", output };
    const compiler = webpack(/** @type {any} */ (what));
    const stats = await promisify(compiler.run.bind(compiler))();
    equal(stats.toString({ all: false, errors: true, warnings: true }), "");
    return [process.execPath, await only(path)];
  },
  Bun: async () => {
    const out = join(built, "stored-bun.mjs");
    const args = ["build", "stored.js", "--target=bun", `--outfile=${out}`];
    await promisify(execFile)(program("bun"), args, { cwd: dir, env: project.env });
    return [program("bun"), "--no-install", out];
  },
  "Bun --compile": async () => {
    const out = join(built, "stored-bun");
    const args = ["build", "stored.js", "--compile", `--outfile=${out}`];
    await promisify(execFile)(program("bun"), args, { cwd: dir, env: project.env });
    return [out];
  },
};

for (const [bundler, bundle] of Object.entries(STORED)) {
  test(`${bundler}: files are in the bundle, and the keyring need not be installed`, async () => {
    const [command, ...args] = await bundle();
    const name = crypto.randomUUID();
    const env = { ...project.env, CACHE_NAME: name };
    const { stdout } = await promisify(execFile)(command, args, { env, cwd: built });
    equal(stdout, "is not installed a token\n");
    const stored = join(project.env.HOME, ".IdentityService", `${name}.nocae`);
    ok((await readFile(stored, "utf8")).includes("a token"));
  });
}

test("wrangler", async () => {
  const outdir = join(built, "wrangler");
  const config = { name: "app", main: "worker.js", compatibility_date: "2024-10-14" };
  await writeFile(join(dir, "wrangler.json"), JSON.stringify(config));
  const wrangler = join(
    dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
    "bin",
    "wrangler.js",
  );
  // It wants a newer Node than the tests do.
  await promisify(execFile)(
    program("node22"),
    [wrangler, "deploy", "--dry-run", `--outdir=${outdir}`],
    {
      cwd: dir,
      env: { ...project.env, WRANGLER_SEND_METRICS: "false", CI: "true" },
    },
  );
  await copyFile(join(outdir, "worker.js"), join(outdir, "index.js"));
  ok(
    !(await readFile(join(outdir, "index.js"), "utf8")).includes("AGFzbQ"),
    "base64 in the bundle",
  );
  const { url, stop, output } = await startWorkerd({ worker: outdir, caFile: certificate.caFile });
  try {
    equal(await (await fetch(url)).text(), "a token");
    equal(output(), "");
  } finally {
    await stop();
  }
});

/** The one file of a folder. */
async function only(folder) {
  const [name, ...more] = await readdir(folder);
  equal(more.length, 0, `more than one file: ${name}, ${more}`);
  return join(folder, name);
}

try {
  await mkdir(built);
  await writeFile(join(built, "package.json"), JSON.stringify({ type: "module" }));
  await cp(ENTRA, join(dir, "entra.js"));
  for (const name of ["app.js", "stored.js", "worker.js"])
    await cp(join(HERE, name), join(dir, name));
  const summary = await run({ concurrency: 2, only: process.argv[2] });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await certificate.remove();
  await project.remove();
}
