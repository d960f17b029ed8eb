// What a program becomes larger by, compressed as it travels: in what Node reads, in a bundle, in the upload of a Worker.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { buildWorker, bundleForNode, writeProgram } from "../programs.js";
import { exactly } from "../rounds.js";

const RECORDER = fileURLToPath(new URL("../reads.cjs", import.meta.url));

export const title = "Size, gzipped";

export async function measure({ stage }) {
  const unbundled = {};
  const bundled = {};
  const worker = {};
  for (const who of ["ours", "identity", "msal"]) {
    const program = await writeProgram(stage.dir, who);
    unbundled[who] = await sizeOf(await filesReadBy(program, stage));
    bundled[who] = await sizeOf([await bundleForNode(stage.dir, who)]);
  }
  for (const who of ["ours", "identity"]) {
    const { folder } = await buildWorker(stage.dir, who);
    const names = (await readdir(folder)).filter((name) => /\.(js|wasm)$/.test(name));
    worker[who] = await sizeOf(names.map((name) => join(folder, name)));
  }
  return [
    { what: "read by Node, unbundled", unit: "KB", by: unbundled },
    { what: "bundled by esbuild", unit: "KB", by: bundled },
    { what: "uploaded by wrangler", unit: "KB", by: worker },
  ];
}

async function sizeOf(files) {
  const contents = await Promise.all(files.map((path) => readFile(path)));
  const bytes = contents.map((content) => gzipSync(content, { level: 9 }).length);
  return exactly(bytes.reduce((sum, each) => sum + each, 0) / 1000);
}

/** The files of packages that Node reads to run a program, but for what only says where others are. */
async function filesReadBy(program, { dir, env }) {
  const coverage = await mkdtemp(join(dir, "coverage-"));
  const reads = join(coverage, "reads");
  await promisify(execFile)(process.execPath, ["--require", RECORDER, program], {
    cwd: dir,
    env: { ...env, NODE_V8_COVERAGE: coverage, READS: reads },
  });
  const report = (await readdir(coverage)).find((name) => name.endsWith(".json"));
  const { result } = JSON.parse(await readFile(join(coverage, report), "utf8"));
  const scripts = result.map(({ url }) => url).filter((url) => url.startsWith("file:"));
  const all = [...scripts.map((url) => fileURLToPath(url)), ...JSON.parse(await readFile(reads))];
  const real = new Set(await Promise.all(all.map((path) => realpath(path).catch(() => ""))));
  // Who measures coverage reads source maps; programs don't.
  const isCode = (path) => path.includes("node_modules") && !/(package\.json|\.map)$/.test(path);
  const files = [...real].filter(isCode);
  const kinds = await Promise.all(files.map((path) => stat(path)));
  return files.filter((_, at) => kinds[at].isFile());
}
