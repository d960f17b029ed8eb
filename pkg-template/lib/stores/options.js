// `cachePersistenceOptions` as callers write it. What makes no sense is refused, lest tokens be kept elsewhere, or kept
// worse, than somebody thinks.
import { either, isGiven, named, read, within, wrong } from "../values.js";

const SPELLINGS = ["cachePersistenceOptions", "tokenCachePersistenceOptions"];
const DEFAULT_NAME = "msal.cache";
/** The name becomes that of a file, and begins the keys of a storage, some of which end a key at `?`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const NO_NAME = /^\.{0,2}$|[/\\?\u0000-\u001f\u007f]/;

/**
 * Where the tokens are to be kept: `{place, layout, …}`. `place` is `"plugin"`, `"storage"` or `"files"`; `layout` is
 * `"partitioned"` if each account has an item of its own, else `"whole"`. Nothing if they are kept in memory.
 */
export function readPersistence(options) {
  const [where, given] = named(options, SPELLINGS, "object") ?? [];
  // `enabled: false` is how users of @azure/identity say that they want none.
  if (!given || read(given, "enabled", "boolean", where) === false) return undefined;
  const persistence = {
    where,
    name: cacheName(given, where),
    allowUnencryptedStorage: mayBePlain(given, where),
    encryptionKey: encryptionKey(given, where),
    storage: having(given, "storage", ["getItem", "setItem", "removeItem"], where),
    partitioned: read(given, "partitioned", "boolean", where),
    cachePlugin: cachePlugin(given, "cachePlugin", where),
    cachePluginCae: cachePlugin(given, "cachePluginCae", where),
  };
  const { storage, partitioned } = persistence;
  if (persistence.cachePlugin) return ofPlugin(persistence, given, where);
  if (persistence.cachePluginCae) {
    wrong(within(where, "cachePluginCae"), "needs a `cachePlugin` beside it");
  }
  if (storage) return ofStorage(persistence, where);
  if (partitioned !== undefined)
    wrong(within(where, "partitioned"), "is for a `storage`: give one");
  return { ...persistence, place: "files", layout: "whole" };
}

function ofPlugin(persistence, given, where) {
  for (const name of ["storage", "encryptionKey", "name", "partitioned"]) {
    if (isGiven(given[name])) {
      wrong(within(where, name), "has no effect on a `cachePlugin`: give one of them");
    }
  }
  return { ...persistence, place: "plugin", layout: "whole" };
}

function ofStorage(persistence, where) {
  const { encryptionKey, allowUnencryptedStorage, partitioned = true } = persistence;
  if (!encryptionKey && !allowUnencryptedStorage) {
    wrong(
      within(where, "storage"),
      "needs an `encryptionKey`, or `allowUnencryptedStorage: true` if it keeps what it holds secret",
    );
  }
  return { ...persistence, place: "storage", layout: partitioned ? "partitioned" : "whole" };
}

function cacheName(given, where) {
  const name = read(given, "name", "string", where) ?? DEFAULT_NAME;
  if (NO_NAME.test(name)) {
    wrong(
      within(where, "name"),
      "must be the name of a file, without a path or control characters",
    );
  }
  return name;
}

function mayBePlain(given, where) {
  const names = ["allowUnencryptedStorage", "unsafeAllowUnencryptedStorage"];
  return either(given, names, "boolean", where) ?? false;
}

function encryptionKey(given, where) {
  const key = read(given, "encryptionKey", "object", where);
  if (key && !isKey(key)) {
    wrong(
      within(where, "encryptionKey"),
      "must be 32 bytes in a Uint8Array, or a CryptoKey for AES-GCM of 256 bits that may encrypt and decrypt",
    );
  }
  // What becomes of the caller's array is the caller's business.
  return ArrayBuffer.isView(key) ? new Uint8Array(key) : key;
}

function isKey(key) {
  // Not `instanceof`: in a VM's context, it may be of another.
  if (Object.prototype.toString.call(key) === "[object Uint8Array]") return key.length === 32;
  const { algorithm, usages } = key;
  return (
    algorithm?.name === "AES-GCM" &&
    algorithm.length === 256 &&
    ["encrypt", "decrypt"].every((usage) => usages?.includes(usage))
  );
}

function cachePlugin(given, name, where) {
  const methods = ["beforeCacheAccess", "afterCacheAccess"];
  return having(given, name, methods, where, ", as MSAL's ICachePlugin does");
}

function having(given, name, methods, where, like = "") {
  const value = read(given, name, "object", where);
  const missing = value && methods.find((method) => typeof value[method] !== "function");
  if (missing) wrong(within(where, name), `must have the method \`${missing}\`${like}`);
  return value;
}
