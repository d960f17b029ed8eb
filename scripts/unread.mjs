// Blanks what the WebAssembly holds and nobody reads; zeros compress to nothing. What isn't there any more is no mistake: it is
// one less to carry.
//
// - What a panic of a library says, and the sources it names: the WebAssembly only traps then.
// - The powers of ten, from ten on, by which serde_json scales a number with a fraction or an exponent. Such a number is
//   taken as it is written (src/json.rs); what it comes to is looked at by nobody.
import { readFileSync, writeFileSync } from "node:fs";

const SOURCE = /(?:\/rustc\/[0-9a-f]{40}\/library|\/rust\/deps|\.cargo\/registry\/src|src)\/[\w/.-]+?\.rs/g;
const TEXTS = [
  "called `Option::unwrap()` on a `None` value",
  "`async fn` resumed after completion",
  "attempt to join into collection with len > usize::MAX",
  "a formatting trait implementation returned an error when the underlying stream did not",
  "index out of bounds: the len is ",
  " but the index is ",
  "slice index starts at ",
  " but ends at ",
  "range start index ",
  "range end index ",
  " out of range for slice of length ",
  "assertion failed: idx < CAPACITY",
  "assertion failed: edge.height == self.height - 1",
  "assertion failed: edge.height == self.node.height - 1",
  "assertion failed: src.len() == dst.len()",
  "assertion failed: self.is_char_boundary(new_len)",
  "insertion index (is ",
  "removal index (is ",
  ") should be <= len (is ",
  ") should be < len (is ",
  "window size must be non-zero",
  "cannot access a Thread Local Storage value during or after destruction: ",
  "internal error: entered unreachable code",
  "Lazy instance has previously been poisoned",
  "reentrant init",
  "FnOnce called more than once",
  "mid > len",
  "Tried to shrink to a larger capacity",
  "RefCell already mutably borrowed",
  "RefCell already borrowed",
  "capacity overflow",
];

const POWERS = Buffer.from(Float64Array.from({ length: 308 }, (_, n) => Number(`1e${n + 1}`)).buffer);

/** A section of a module: its number, its length, its content. */
const DATA = 11;

/** Does so in the data of the module at this path. Nothing in it moves. */
export function blankUnread(path) {
  const module = readFileSync(path);
  const data = dataOf(module);
  const found = [...TEXTS, ...(data.toString("latin1").match(SOURCE) ?? [])];
  for (const unread of [...found, POWERS]) {
    for (let at = data.indexOf(unread); at >= 0; at = data.indexOf(unread)) {
      data.fill(0, at, at + unread.length);
    }
  }
  writeFileSync(path, module);
}

/** @param {Buffer} module */
function dataOf(module) {
  let at = 8; // after the magic and the version
  while (at < module.length) {
    const [id] = module.subarray(at);
    const [length, begin] = numberAt(module, at + 1);
    if (id === DATA) return module.subarray(begin, begin + length);
    at = begin + length;
  }
  throw new Error("the module has no data");
}

/** An unsigned LEB128, and where it ends. */
function numberAt(bytes, at) {
  let number = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    number += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [number, at];
  }
}
