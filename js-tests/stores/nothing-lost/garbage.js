/** What may be found in a cache's place, and is none. */

import { randomBytes } from "node:crypto";

const CUTS = 12;

/** @typedef {(cache: string) => string | Buffer} Harm */

/** @type {Record<string, Harm>} what somebody else may have put there; what a crash may have left */
const ANYWHERE = {
  "one brace": () => "{",
  "a page of somebody's": () => "<!doctype html><title>Sign in to the network</title>",
  null: () => "null",
  "a list": () => "[]",
  "a number": () => "7",
  "a word": () => '"cache"',
  "tables that are lists": () => '{"Account":[],"RefreshToken":[1]}',
  "tables that are words": () => '{"AccessToken":"x"}',
  "the cache twice": (cache) => cache + cache,
  "the cache and more": (cache) => `${cache}.AAAA`,
  "a NUL before the cache": (cache) => `\0${cache}`,
  zeros: (cache) => "\0".repeat(cache.length),
  "half of it, and zeros": (cache) => cache.slice(0, cache.length / 2).padEnd(cache.length, "\0"),
  "zeros, and half of it": (cache) => cache.slice(cache.length / 2).padStart(cache.length, "\0"),
  "UTF-16": (cache) => Buffer.from(cache, "utf16le"),
  "random bytes": () => Buffer.concat([Buffer.from([0xc3, 0x28]), randomBytes(600)]),
  "compressed bytes": () => Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), randomBytes(600)]),
};
for (let n = 1; n < CUTS; n++) {
  ANYWHERE[`the first ${n}/${CUTS}`] = (cache) => cache.slice(0, (cache.length * n) / CUTS);
  ANYWHERE[`all but the first ${n}/${CUTS}`] = (cache) => cache.slice((cache.length * n) / CUTS);
}

/** @type {Record<string, Harm>} what may become of a JWE */
const SEALED = {
  "a vector that is altered": altered(2),
  "a text that is altered": altered(3),
  "a tag that is altered": altered(4),
  "a header that is altered": altered(0),
  "no vector": without(2),
  "no text": without(3),
  "no tag": without(4),
  "without its last character": (cache) => cache.slice(0, -1),
  "two parts that are swapped": (cache) => {
    const [header, key, vector, text, tag] = cache.split(".");
    return [header, key, tag, text, vector].join(".");
  },
};

/** @returns {[string, Harm][]} */
export function harms({ sealed }) {
  return Object.entries({ ...ANYWHERE, ...(sealed && SEALED) });
}

/** Another character in the middle of a part. */
function altered(n) {
  return (cache) => {
    const parts = cache.split(".");
    const at = Math.floor(parts[n].length / 2);
    const other = parts[n][at] === "A" ? "B" : "A";
    parts[n] = parts[n].slice(0, at) + other + parts[n].slice(at + 1);
    return parts.join(".");
  };
}

function without(n) {
  return (cache) => cache.split(".").with(n, "").join(".");
}
