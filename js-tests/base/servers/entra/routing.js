/**
 * From a request's URL to the scenario and the endpoint it means.
 *
 * Two styles reach the same scenario:
 * - `/~{scenario}/{host}/{path}`: the client's transport rewrote `https://{host}/{path}`. Documents then name the hosts
 *   as Entra would, since the same transport brings those URLs back here.
 * - `/{scenario}/{path}`: the tenant is the scenario's id, nothing is rewritten, and documents name this server.
 */

/** @typedef {"devicecode" | "token" | "openid" | "instance" | "unknown"} Endpoint */

/**
 * @typedef {object} Route
 * @property {string} scenario
 * @property {boolean} rewritten reached in the first style
 * @property {string} host the host the client meant
 * @property {string} path the path the client meant, with its leading slash
 * @property {string} tenant everything before the endpoint's own path: usually one segment
 * @property {Endpoint} endpoint
 */

/** @type {[Endpoint, RegExp][]} the tenant is what precedes; ADFS has no version in its paths (and is its own tenant). */
const PATHS = [
  ["instance", /^\/(common)\/discovery\/instance$/],
  ["devicecode", /^\/(.+)\/oauth2\/v2\.0\/devicecode$/],
  ["devicecode", /^\/(adfs)\/oauth2\/devicecode$/],
  ["token", /^\/(.+)\/oauth2\/v2\.0\/token$/],
  ["token", /^\/(adfs)\/oauth2\/token$/],
  ["openid", /^\/(.+)\/v2\.0\/\.well-known\/openid-configuration$/],
  ["openid", /^\/(adfs)\/\.well-known\/openid-configuration$/],
];

/**
 * @param {string} pathname
 * @param {string} ownHost the request's Host header
 * @returns {Route}
 */
export function route(pathname, ownHost) {
  const prefixed = /^\/~([^/]+)\/([^/]+)(\/.*)?$/.exec(pathname);
  const [scenario, host, path] = prefixed
    ? [prefixed[1], prefixed[2], prefixed[3] ?? "/"]
    : [pathname.split("/")[1] ?? "", ownHost, pathname];
  const found = {
    scenario: decodeURIComponent(scenario),
    rewritten: Boolean(prefixed),
    host,
    path,
  };
  for (const [endpoint, pattern] of PATHS) {
    const match = pattern.exec(path);
    if (match) return { ...found, endpoint, tenant: decodeURIComponent(match[1]) };
  }
  return { ...found, endpoint: "unknown", tenant: path.split("/")[1] ?? "" };
}

/**
 * The addresses a tenant's documents name.
 *
 * @param {string} host
 * @param {string} tenant
 */
export function addresses(host, tenant) {
  const base = `https://${host}/${tenant}`;
  const adfs = tenant === "adfs";
  const oauth2 = adfs ? `${base}/oauth2` : `${base}/oauth2/v2.0`;
  return {
    authorization: `${oauth2}/authorize`,
    deviceAuthorization: `${oauth2}/devicecode`,
    token: `${oauth2}/token`,
    logout: `${oauth2}/logout`,
    openid: `${adfs ? base : `${base}/v2.0`}/.well-known/openid-configuration`,
    jwks: adfs ? `${base}/discovery/keys` : `${base}/discovery/v2.0/keys`,
  };
}
