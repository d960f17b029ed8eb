// Which libraries are part of the package, and on what terms: those that esbuild has put into what it built, and the crates
// that the WebAssembly is made of.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The crate that becomes the WebAssembly. */
const SHELL = "entra-device-code-wasm";

/**
 * The text of THIRD-PARTY: each library's name and version, and its own licence.
 *
 * @param {string} root of the repository
 * @param {string} workingDir esbuild's
 * @param {import("esbuild").Metafile[]} metafiles
 */
export function thirdParty(root, workingDir, metafiles) {
  const terms = [...bundled(workingDir, metafiles), ...compiled(root)].map(
    ({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text}\n`,
  );
  return `This package contains these libraries.\n\n${terms.join("\n---\n\n")}
---

Parts of Rust's standard library (MIT OR Apache-2.0), by the contributors to the Rust project: https://www.rust-lang.org
`;
}

/** The packages that are bundled. */
function bundled(workingDir, metafiles) {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) => Object.entries(output.inputs)),
  );
  const folders = new Set();
  for (const [path, { bytesInOutput }] of inputs) {
    const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(resolve(workingDir, path)) ?? [];
    if (folder && bytesInOutput > 0) folders.add(folder);
  }
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const text = licenceIn(folder);
    if (!text) throw new Error(`${name} is bundled, and has no licence that could go with it`);
    return { name, version, licence: license, text };
  });
}

/** The crates that are linked into the WebAssembly. */
function compiled(root) {
  return linkedCrates(root).map(({ name, version, license, authors, repository, manifest_path }) => {
    // Some crates leave the text to the name of the licence.
    const text = licenceIn(dirname(manifest_path)) ?? [...authors, repository].join("\n");
    return { name, version, licence: license, text };
  });
}

/**
 * What cargo knows of the crates that are linked into the WebAssembly, ours left out: neither what tests and builds use,
 * nor macros.
 *
 * @param {string} root of the repository
 */
export function linkedCrates(root) {
  const metadata = execFileSync(
    "cargo",
    ["metadata", "--format-version=1", "--locked", "--filter-platform=wasm32-unknown-unknown"],
    { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 },
  );
  const { packages, resolve: graph } = JSON.parse(metadata);
  const crates = new Map(packages.map((crate) => [crate.id, crate]));
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const linked = new Set([packages.find(({ name }) => name === SHELL).id]);
  // A set grows while it is walked.
  for (const id of linked) {
    for (const { pkg, dep_kinds } of nodes.get(id).deps) {
      const isMacro = crates.get(pkg).targets.some(({ kind }) => kind.includes("proc-macro"));
      if (!isMacro && dep_kinds.some(({ kind }) => kind === null)) linked.add(pkg);
    }
  }
  return [...linked]
    .map((id) => crates.get(id))
    .filter(({ source }) => source !== null)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The text of the licence in a folder. Of several, we take MIT's. */
function licenceIn(folder) {
  const files = readdirSync(folder)
    .filter((each) => /^licen[cs]e/i.test(each))
    .sort();
  const file = files.find((each) => /mit/i.test(each)) ?? files[0];
  return file && readFileSync(join(folder, file), "utf8").trim();
}
