// Makes wasm-bindgen's glue, a module with the state of one instance, a function that makes such glue anew: what it keeps, it
// keeps for one instance, and goes with that.
//
// It is shorter, too: as a module within a module it would carry a table of its exports, a name for each function, and two functions
// for each import that may throw. That is 1 KB, gzipped, of what every app loads. What may throw is called where it stands:
// by way of a function and a list of its arguments, it takes longer.

/** How Rust names the JavaScript it calls. */
export const LIB = "entra-device-code-lib";

/** What nobody comes to, where esbuild can't tell: from a text that is there once to before another. */
const CUTS = [
  // Nobody frees a credential: the class isn't seen outside, and a registry looks after what is collected.
  ["    __destroy_into_raw() {", "    /**"],
  ["if (Symbol.dispose) DeviceCodeCredential.", "export function"],
  // Every runtime has `encodeInto`.
  ["if (!('encodeInto' in cachedTextEncoder)) {", "let WASM_VECTOR_LEN"],
];

/**
 * The text of a module with `createGlue`. Its `queueMicrotask` is ours.
 *
 * @param {string} text wasm-bindgen's
 */
export function glueOf(text) {
  const imports = [];
  const body = CUTS.reduce(cut, encodingAtOnce(text))
    .replace(/^import .*$/gm, (line) => {
      imports.push(line);
      return "";
    })
    .replace(
      /^export function (\S+)\(\) \{ return handleError\(function \((.*)\) \{\n([^]*?)^\}, arguments\); \}$/gm,
      "glue.$1 = ($2) => { try {\n$3} catch (error) { caught(error); } };",
    )
    .replace(/^function handleError\(f, args\) \{\n.*try \{\n.*\n.*catch \((\w+)\) \{([^]*?)^ {4}\}$/m, "function caught($1) {$2")
    .replace(/^export function (\S+)\((.*)\) \{$/gm, "glue.$1 = ($2) => {")
    .replace(/^export class (\S+) \{$/gm, "const $1 = glue.$1 = class {")
    .replace(/^export const (\S+) =/gm, "glue.$1 =");
  const code = body.replace(/\/\/.*|\/\*[^]*?\*\//g, "");
  const [left] = /^.*\b(?:export|import|arguments|handleError)\b.*$/m.exec(code) ?? [];
  if (left) throw new Error(`the glue is of another form than we know: ${left}`);
  return `${imports.join("\n")}
import { schedule } from "${LIB}";
export function createGlue() {
  const glue = {};
  const queueMicrotask = schedule;
  ${body}
  return glue;
}`;
}

/**
 * Long strings are encoded at once: to copy the characters of a cache of ten thousand accounts one by one takes 0.2 s. wasm-bindgen
 * does so where nobody says how to make room, which is nowhere here.
 */
function encodingAtOnce(text) {
  const [head, tail] = around("if (realloc === undefined) {", text);
  return `${head}if (arg.length > 1000) {${tail}`;
}

/** The text without what is cut. */
function cut(text, [from, before]) {
  const [head, tail] = around(from, text);
  const end = tail.indexOf(before);
  if (end < 0) throw changed(before);
  return head + tail.slice(end);
}

/** What is before what we know, and after it: it is there once. */
function around(known, text) {
  const [head, tail, ...more] = text.split(known);
  if (tail === undefined || more.length > 0) throw changed(known);
  return [head, tail];
}

function changed(known) {
  return new Error(`wasm-bindgen's glue has changed: see what has become of "${known}"`);
}
