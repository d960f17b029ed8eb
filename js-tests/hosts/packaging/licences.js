// Whatever became part of the package is named with its licence, and each licence is one of deny.toml's.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { linkedCrates } from "../../../scripts/third-party.mjs";
import { match, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** @param {import("../../base/runners/project.js").Project} project */
export function testLicences({ dir }) {
  const thirdParty = () =>
    readFile(join(dir, "node_modules", "entra-device-code", "THIRD-PARTY"), "utf8");

  test("THIRD-PARTY has the licences of the libraries that are bundled", async () => {
    const text = await thirdParty();
    for (const name of ["jose", "uqr"]) {
      match(text, new RegExp(`^${name} [\\d.]+ \\(MIT\\)\n\n[\\s\\S]*?\nCopyright `, "m"));
    }
  });

  test("THIRD-PARTY has the licences of the crates in the WebAssembly, and we may ship them", async () => {
    const text = await thirdParty();
    const deny = await readFile(join(ROOT, "deny.toml"), "utf8");
    const [, list = ""] = deny.match(/^allow = \[(.*)\]$/m) ?? [];
    const allowed = [...list.matchAll(/"(.*?)"/g)].map(([, name]) => name);
    const crates = linkedCrates(ROOT);
    for (const name of ["serde_json", "wasm-bindgen"]) {
      ok(
        crates.some((crate) => crate.name === name),
        `${name} is linked`,
      );
    }
    for (const { name, version, license } of crates) {
      ok(text.includes(`\n${name} ${version} (${license})\n\n`), `${name} ${version} is missing`);
      ok(isAllowed(license, allowed), `${name} is under ${license}`);
    }
  });
}

/**
 * Whether a licence's expression (SPDX; crates of old have `/` for `OR`) holds with what is allowed.
 *
 * @param {string} expression
 * @param {string[]} allowed
 */
function isAllowed(expression, allowed) {
  const inner = expression.replace(/\(([^()]*)\)/g, (_, part) =>
    isAllowed(part, allowed) ? "yes" : "no",
  );
  return inner
    .split(/ OR |\//)
    .some((either) =>
      either.split(" AND ").every((one) => ["yes", ...allowed].includes(one.trim())),
    );
}
