// A claims challenge: what a resource sends with a 401 when its token must carry more, or must be another.

// RFC 9110 §11.4: the name of a scheme; or that of a parameter with its value, quoted or not.
const PART = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;

/** @typedef {Parameters<typeof import("../index.js").parseClaimsChallenge>[0]} Challenge */

/**
 * The claims of a response, or of its `WWW-Authenticate`, as `getToken` takes them; `undefined` if it has none.
 *
 * @param {Challenge} challenge
 */
export function parseClaimsChallenge(challenge) {
  const header = headerOf(challenge);
  let scheme;
  for (const [, name, quoted, bare] of header.matchAll(PART)) {
    const value = quoted?.replaceAll(/\\(.)/g, "$1") ?? bare;
    if (value === undefined) scheme = name.toLowerCase();
    if (scheme !== "bearer" || name.toLowerCase() !== "claims") continue;
    const claims = decodeClaims(value);
    if (claims !== undefined) return claims;
  }
  return undefined;
}

/**
 * @param {Challenge} challenge
 * @returns {string}
 */
function headerOf(challenge) {
  const isResponse = typeof challenge !== "string" && typeof challenge?.headers?.get === "function";
  /** @type {unknown} */
  const header = isResponse ? challenge.headers.get("www-authenticate") : challenge;
  if (header === undefined || header === null) return "";
  if (typeof header === "string") return header;
  throw new TypeError(
    "`challenge` must be a Response, or the text of its `WWW-Authenticate` header",
  );
}

/**
 * A JSON object, as it is or in base64 of either alphabet; `undefined` if that is something else.
 *
 * @param {string | undefined} text
 * @returns {string | undefined}
 */
export function decodeClaims(text = "") {
  try {
    const json = text.trimStart().startsWith("{") ? text : fromBase64(text);
    const claims = JSON.parse(json);
    return typeof claims === "object" && claims && !Array.isArray(claims) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} text */
function fromBase64(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (each) => each.charCodeAt(0));
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
