/** What Entra puts in a token reply: scopes, JWTs (with a signature nobody can check), client info. */

import { randomBytes, randomUUID } from "node:crypto";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const RESERVED = new Set(["openid", "profile", "offline_access"]);
const GRAPH = "https://graph.microsoft.com";

/** @typedef {{oid: string, tid: string, username: string, name: string}} User */

/** @param {number} bytes */
export function opaque(bytes) {
  return randomBytes(bytes).toString("base64url");
}

/** Nine capitals and digits, without those that look alike, as on Entra's page. */
export function userCode() {
  const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  return Array.from(randomBytes(9), (byte) => alphabet[byte % alphabet.length]).join("");
}

/** @param {string | undefined} scope */
export function parseScope(scope) {
  return (scope ?? "").split(" ").filter(Boolean);
}

/**
 * The `scope` of a token reply. Entra leaves out the reserved scopes, except for Microsoft Graph, whose own scopes
 * `openid`, `profile` and `email` are; `{resource}/.default` comes back after what it stood for.
 *
 * @param {string[]} asked
 */
export function grantedScope(asked) {
  const named = asked.filter((scope) => !RESERVED.has(scope));
  const granted = named.flatMap((scope) => {
    if (!scope.endsWith("/.default")) return [scope];
    const resource = scope.slice(0, -"/.default".length);
    return [`${resource}/${resource === GRAPH ? "User.Read" : "user_impersonation"}`, scope];
  });
  if (audience(named) !== GRAPH) return granted.join(" ");
  return [...new Set([...granted, "profile", "openid", "email"])].join(" ");
}

/**
 * The resource a token is for: a scope without one is Graph's.
 *
 * @param {string[]} scopes
 */
function audience(scopes) {
  const scope = scopes.find((each) => !RESERVED.has(each)) ?? "";
  const end = scope.lastIndexOf("/");
  return end < 0 ? GRAPH : scope.slice(0, end);
}

/**
 * @param {{user: User, tenant: string, clientId: string, scope: string[], expiresIn: number, claims?: string}} request
 * @param {Record<string, unknown>} [own] claims in place of those below; null leaves one out
 */
export function accessToken({ user, tenant, clientId, scope, expiresIn, claims }, own = {}) {
  const tid = resourceTenant(user, tenant);
  const payload = {
    aud: audience(scope),
    iss: `https://sts.windows.net/${tid}/`,
    ...lifetime(expiresIn),
    appid: clientId,
    appidacr: "0",
    oid: user.oid,
    tid,
    sub: subject(user, clientId),
    unique_name: user.username,
    upn: user.username,
    scp: grantedScope(scope),
    uti: opaque(16),
    ver: "1.0",
    ...(claims?.includes('"CP1"') && { xms_cc: ["CP1"] }),
    ...own,
  };
  return jwt(Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== null)));
}

/** @param {{user: User, tenant: string, clientId: string}} request */
export function idToken({ user, tenant, clientId }) {
  const tid = resourceTenant(user, tenant);
  return jwt({
    aud: clientId,
    iss: `https://login.microsoftonline.com/${tid}/v2.0`,
    ...lifetime(3600),
    name: user.name,
    oid: user.oid,
    preferred_username: user.username,
    sub: subject(user, clientId),
    tid,
    uti: opaque(16),
    ver: "2.0",
  });
}

/**
 * The account's home, whichever tenant issued the token.
 *
 * @param {User} user
 */
export function clientInfo(user) {
  return encode({ uid: user.oid, utid: user.tid });
}

/** A guest's token names the tenant that was asked, not the guest's home. */
function resourceTenant(user, tenant) {
  return GUID.test(tenant) ? tenant : user.tid;
}

/** Pairwise: the same for a user and an app at every sign-in, another for another app. */
function subject(user, clientId) {
  return Buffer.from(`${user.oid}.${clientId}`).toString("base64url").slice(0, 43);
}

function lifetime(seconds) {
  const now = Math.floor(Date.now() / 1000);
  // Entra dates a token five minutes back, for clocks that lag.
  return { iat: now - 300, nbf: now - 300, exp: now + seconds };
}

function jwt(payload) {
  const header = { typ: "JWT", alg: "RS256", kid: randomUUID() };
  return `${encode(header)}.${encode(payload)}.${opaque(256)}`;
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
