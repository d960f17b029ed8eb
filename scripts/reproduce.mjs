// Builds the package in two folders and compares what came of it, byte by byte; with a tarball, that as well:
//
//     node scripts/reproduce.mjs [TARBALL]
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const place = join(root, "build", "reproduce");
const [tarball] = process.argv.slice(2);

rmSync(place, { recursive: true, force: true });
try {
  // Of unlike depth and length, as a path that got in would differ.
  const [one, other] = ["a", "another/folder/further-down"].map((folder) => {
    console.log(`Building in build/reproduce/${folder}…`);
    return checksums(build(join(place, folder)));
  });
  const wasm = one.get("entra_device_code_bg.wasm");
  let alike = compare("the second build", one, other);
  if (tarball) {
    const unpacked = join(place, "tarball");
    mkdirSync(unpacked, { recursive: true });
    execFileSync("tar", ["-xzf", resolve(tarball), "-C", unpacked]);
    alike = compare(tarball, one, checksums(join(unpacked, "package"))) && alike;
  }
  if (alike) console.log(`The same ${one.size} files. sha256 of the WebAssembly: ${wasm}`);
  process.exitCode = alike ? 0 : 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}

/** Builds what git knows, and what it would, in a folder of its own. Gives the folder of the package. */
function build(folder) {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", list, { cwd: root, encoding: "utf8" }).split("\0");
  for (const file of files.filter((each) => each && existsSync(join(root, each)))) {
    cpSync(join(root, file), join(folder, file), { preserveTimestamps: true });
  }
  symlinkSync(join(root, "js-tests", "node_modules"), join(folder, "js-tests", "node_modules"), "junction");
  const { CARGO_TARGET_DIR, ...env } = process.env;
  const flags = ["--silent", "--no-print-directory", "pkg/package.json"];
  execFileSync("make", flags, { cwd: folder, env, stdio: ["ignore", "ignore", "inherit"] });
  return join(folder, "pkg");
}

/** Each file of a folder, with its SHA-256. */
function checksums(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(join(folder, file)).isFile())
    .sort();
  return new Map(
    files.map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex"),
    ]),
  );
}

/** Prints which files differ. */
function compare(name, expected, actual) {
  const files = new Set([...expected.keys(), ...actual.keys()]);
  const unlike = [...files].filter((file) => expected.get(file) !== actual.get(file));
  for (const file of unlike) console.error(`In ${name}, ${file} is another`);
  return unlike.length === 0;
}
