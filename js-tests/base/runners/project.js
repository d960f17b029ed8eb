/** A fresh project with the packed package in it, installed as a user installs it. */

import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const JS_TESTS = fileURLToPath(new URL("../..", import.meta.url));

/**
 * @typedef {object} Project
 * @property {string} dir
 * @property {string} tarball what was installed
 * @property {Record<string, string>} env for programs that run in it: a home of its own, no settings of the machine's
 * @property {() => Promise<void>} remove
 */

/**
 * @param {object} [options]
 * @param {string} [options.tarball] TARBALL, or else what `npm pack` makes of ../pkg
 * @param {string[]} [options.packages] others to install beside it
 * @returns {Promise<Project>}
 */
export async function createProject({ tarball = process.env.TARBALL, packages = [] } = {}) {
  const root = await mkdtemp(join(tmpdir(), "entra-device-code-project-"));
  const remove = () => rm(root, { recursive: true, force: true });
  try {
    const dir = join(root, "project");
    const home = join(root, "home");
    await Promise.all([mkdir(dir), mkdir(home)]);
    const packed = tarball ? resolve(tarball) : await pack(root);
    const manifest = { name: "project", private: true, type: "module" };
    await writeFile(join(dir, "package.json"), JSON.stringify(manifest));
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    await npm(["install", ...flags, packed, ...packages], dir);
    return { dir, tarball: packed, env: environment(home), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Puts the suite and its harness into the project, so that its `import "entra-device-code"` means the installed one.
 *
 * @param {Project} project
 */
export async function addSuite({ dir }) {
  const suite = join(JS_TESTS, "suite");
  await cp(suite, join(dir, "suite"), { recursive: true });
  await cp(join(JS_TESTS, "base", "harness"), join(dir, "base", "harness"), { recursive: true });
  const files = (await readdir(suite)).filter((name) => name.endsWith(".test.js")).sort();
  const imports = files.map((name) => `import "../../suite/${name}";\n`);
  await writeFile(join(dir, "base", "harness", "suite-files.js"), imports.join(""));
}

/**
 * Gives a project what its user would install beside the package: the versions that package-lock.json names.
 *
 * @param {string} dir the project
 * @param {readonly string[]} names
 */
export async function linkPackages(dir, names) {
  for (const name of names) {
    const link = join(dir, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(JS_TESTS, "node_modules", name), link, "junction");
  }
}

/** @param {string} destination */
async function pack(destination) {
  const pkg = join(JS_TESTS, "..", "pkg");
  await npm(["pack", pkg, "--pack-destination", destination, "--loglevel=error"], JS_TESTS);
  const name = (await readdir(destination)).find((each) => each.endsWith(".tgz"));
  if (!name) throw new Error("npm pack made no tarball");
  return join(destination, name);
}

/** The package reads these; the developer's own must not decide a test, nor a test write to the developer's cache. */
function environment(home) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("AZURE_"));
  return { ...Object.fromEntries(kept), HOME: home, USERPROFILE: home, LOCALAPPDATA: home };
}

/**
 * @param {string[]} args
 * @param {string} cwd
 */
function npm(args, cwd) {
  return new Promise((done, failed) => {
    // On Windows, npm is a script of the shell's.
    const shell = process.platform === "win32";
    const child = spawn("npm", args, { cwd, stdio: ["ignore", "pipe", "pipe"], shell });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.on("error", failed);
    child.on("close", (code) => {
      if (code === 0) done(undefined);
      else failed(new Error(`npm ${args[0]} failed:\n${output}`));
    });
  });
}
