/**
 * Where Rust and JavaScript meet, read as text: no exception of JavaScript may go through the frames of Rust, and nothing may
 * be borrowed while JavaScript is called.
 *
 *     node --test hosts/glue.test.js
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const glue = readFileSync(new URL("build/wasm/entra_device_code_bg.js", root), "utf8");
const host = new URL("src/host/", root);
const sources = readdirSync(host)
  .filter((name) => name.endsWith(".rs") && name !== "tests.rs")
  .map((name) => [name, readFileSync(new URL(name, host), "utf8")]);

/**
 * What js-sys and wasm-bindgen import without `catch`, by name: what each does runs no code of a caller's and can't fail, but
 * for what stands behind it.
 */
const CALM = new Set([
  ..."boolean_get is_falsy is_function is_null is_object is_string is_undefined jsval_eq number_get string_get".split(
    " ",
  ),
  ..."throw typeof init_externref_table generic _wbg_cb_unref set_wasm".split(" "),
  "Error", // by serde-wasm-bindgen, of a name that is no text
  "get", // of the arguments, an array of the language's own
  "get_unchecked",
  "length", // of a string, of the arguments, or of bytes
  "isView",
  "new", // an Error, a TypeError, a Date, an Object or an Array
  "new_with_byte_offset_and_length",
  "parse", // a date
  "prototypesetcall",
  "push",
  "resolve", // what the executor begins with
  "then",
  "queueMicrotask", // ours; see lib/boundary.js
  "set",
  "set_name",
  "signal",
  "slice",
  "static_accessor_GLOBAL",
  "static_accessor_GLOBAL_THIS",
  "static_accessor_SELF",
  "static_accessor_WINDOW",
  "toStringTag",
]);

test("every import that may run a caller's code catches what it throws", () => {
  const imports = [...glue.matchAll(/^export function (__wb\w+)\([^)]*\) \{(.*?)^\}/gms)];
  assert.ok(imports.length > 60, `${imports.length} imports`);
  const open = imports
    .filter(([, , body]) => !body.includes("handleError("))
    .map(([, name]) =>
      name.replace(/^__(wbg_)?(__)?(wbindgen_)?/, "").replace(/_[0-9a-f]{16}$/, ""),
    )
    .filter((name) => !CALM.has(name));
  assert.deepEqual(open, []);
});

test("each function that the shell imports itself is `catch`", () => {
  let count = 0;
  for (const [name, text] of sources) {
    for (const [, block] of text.matchAll(/^extern "C" \{(.*?)^\}/gms)) {
      for (const [item] of block.matchAll(/(?:^ +#\[[^\n]*\n)*^ +pub\(crate\) fn [^;]*;/gm)) {
        count += 1;
        assert.match(item, /#\[wasm_bindgen\([^)]*\bcatch\b/, `${name}: ${item}`);
      }
    }
  }
  assert.ok(count > 20, `${count} imports`);
});

test("nothing is borrowed but in the way that ends before JavaScript is called", () => {
  for (const [name, text] of sources) {
    if (name === "shared.rs") continue;
    assert.doesNotMatch(text, /\bRefCell\b|\.borrow(_mut)?\(/, name);
  }
});

test("what borrows calls nothing that may call a caller's code", () => {
  const calls =
    /\b(imports|results|clock|lent|exchange|store|exceptions)(::|\.)|\b(cause\w*|call[0-3])\(|js_sys::/;
  let count = 0;
  for (const [name, text] of sources) {
    if (name === "shared.rs") continue;
    for (const { index } of text.matchAll(/\.with\(/g)) {
      count += 1;
      const change = inParentheses(text, index + ".with(".length);
      assert.doesNotMatch(change, calls, `${name}: ${change}`);
    }
  }
  assert.ok(count > 15, `${count} borrows`);
});

test("no module of the shell uses one that uses it", () => {
  const used = new Map(
    sources
      .filter(([name]) => name !== "lib.rs")
      .map(([name, text]) => {
        const others = [...text.matchAll(/\bcrate::([a-z_]+)/g)].map(([, other]) => other);
        return [name.replace(".rs", ""), others];
      }),
  );
  const below = (name, seen = new Set()) => {
    for (const other of used.get(name) ?? []) {
      if (!seen.has(other)) below(other, seen.add(other));
    }
    return seen;
  };
  const circular = [...used.keys()].filter((name) => below(name).has(name));
  assert.deepEqual(circular, []);
  assert.ok(below("driver").has("imports"));
});

/** What is between a parenthesis that was opened and the one that closes it. */
function inParentheses(text, begin) {
  let open = 1;
  let end = begin;
  for (; open > 0; end++) open += { "(": 1, ")": -1 }[text[end]] ?? 0;
  return text.slice(begin, end - 1);
}
