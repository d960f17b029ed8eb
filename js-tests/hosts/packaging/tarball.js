// Just what belongs there is in the tarball, it runs nothing when it is installed, and its WebAssembly is what it says.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompressSync } from "node:zlib";
import { deepEqual, equal, match, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const WASM = "entra_device_code_bg.wasm";
/** Text that is long enough to be the WebAssembly. */
const EMBEDDED = /[A-Za-z0-9+/]{60000,}={0,2}/g;

/** @param {import("../../base/runners/project.js").Project} project */
export function testTarball({ dir, tarball, env }) {
  const read = (name) => readFile(join(dir, "node_modules", "entra-device-code", name));
  const list = async () => {
    const { stdout } = await promisify(execFile)("tar", ["-tzf", tarball]);
    return stdout.trim().split("\n");
  };

  test("the tarball has the files of files.txt, and no others", async () => {
    const pinned = await readFile(new URL("files.txt", import.meta.url), "utf8");
    // What the shared parts of the bundles are called depends on what is in them.
    const packed = (await list()).map((path) =>
      path.replace(/^package\//, "").replace(/^shared-[A-Z0-9]{8}\.mjs/, "shared-*.mjs"),
    );
    deepEqual([...new Set(packed)].sort(), pinned.trim().split("\n"));
  });

  test("installing it runs nothing and brings nothing along", async () => {
    const manifest = JSON.parse((await read("package.json")).toString());
    for (const name of ["scripts", "dependencies", "optionalDependencies", "bundleDependencies"]) {
      equal(manifest[name], undefined, name);
    }
    const { optional } = manifest.peerDependenciesMeta["@napi-rs/keyring"];
    deepEqual(Object.keys(manifest.peerDependencies), ["@napi-rs/keyring"]);
    equal(optional, true);
  });

  test("it is published with its provenance", async () => {
    const { publishConfig } = JSON.parse((await read("package.json")).toString());
    deepEqual(publishConfig, { access: "public", provenance: true });
  });

  test("no file says where it was built", async () => {
    // In `drive/root/`, no user's home is meant.
    const places = [ROOT, `${homedir()}${sep}`].map((place) => `(?<!\\w)${escaped(place)}`);
    const pattern = new RegExp(places.join("|"));
    for (const path of await list()) {
      const content = await read(path.replace(/^package\//, ""));
      ok(!pattern.test(content.toString("latin1")), path);
    }
  });

  for (const [how, load] of [
    ["import", `const { DeviceCodeCredential } = await import("entra-device-code");`],
    ["require", `const { DeviceCodeCredential } = require("entra-device-code");`],
  ]) {
    test(`the source maps lead from a stack to the sources, by ${how}`, async () => {
      const program = `(async () => {
        ${load}
        const credential = new DeviceCodeCredential();
        credential.close();
        await credential.getToken("User.Read").catch((error) => console.log(error.stack));
      })()`;
      const args = ["--enable-source-maps", "--eval", program];
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: dir, env });
      match(stdout, /getToken \(\S*[\\/]lib[\\/]credential\.js:\d+:\d+\)/);
      // Nothing of what was built is left over.
      ok(!/entra-device-code[\\/][\w-]+\.[cm]js/.test(stdout), stdout);
    });
  }

  test("BUILD names the WebAssembly's checksum, and what made it", async () => {
    const build = (await read("BUILD")).toString();
    const checksum = createHash("sha256")
      .update(await read(WASM))
      .digest("hex");
    match(build, new RegExp(`^${WASM}\nsha256: ${checksum}\n`));
    for (const tool of ["rustc 1", "host: ", "wasm-bindgen ", "wasm-pack ", "wasm-opt version "]) {
      match(build, new RegExp(`^${tool}`, "m"));
    }
  });

  test("what holds the WebAssembly as text holds the same bytes", async () => {
    const wasm = await read(WASM);
    const files = await readdir(join(dir, "node_modules", "entra-device-code"));
    let found = 0;
    for (const file of files.filter((each) => /\.[cm]js$/.test(each))) {
      // Long lines are broken.
      const code = (await read(file)).toString().replaceAll("\\\n", "");
      for (const [text] of code.matchAll(EMBEDDED)) {
        const bytes = Buffer.from(text, "base64");
        const isPlain = bytes.subarray(0, 4).toString("latin1") === "\0asm";
        ok((isPlain ? bytes : brotliDecompressSync(bytes)).equals(wasm), file);
        found += 1;
      }
    }
    ok(found > 0, "no file holds it");
  });
}

/** @param {string} text that a pattern is to mean as it is */
function escaped(text) {
  return text.replace(/[^\w/]/g, "\\$&");
}
