/**
 * A real OpenID provider (`oidc-provider`, certified by the OpenID Foundation) with the device flow, so that the package
 * meets a server nobody here wrote. Mounted where Entra has its v2.0 endpoints, `{url}/{tenant}/v2.0`, or elsewhere.
 */

import { createServer } from "node:https";
import { listen } from "./listen.js";

const TENANT = "contoso";
const CLIENT_ID = "device-app";
const SCOPE = "api.read";

/**
 * @typedef {object} OidcServer
 * @property {string} url the authority
 * @property {string} tenant
 * @property {string} clientId a public client, for the device code and refresh token grants
 * @property {string} scope what an app may ask for besides the reserved scopes
 * @property {() => Promise<void>} stop
 */

/**
 * @param {object} options
 * @param {import("./certificate.js").Certificate} options.certificate
 * @param {string} [options.mount] the path of the issuer
 * @param {string} [options.known] the scopes that the application may ask for; else the provider passes over what it doesn't know
 * @returns {Promise<OidcServer>}
 */
export async function startOidc({ certificate, mount = `/${TENANT}/v2.0`, known }) {
  const unmute = muteAdvice();
  const { default: Provider } = await import("oidc-provider"); // its first advice comes when it loads
  /** @type {(req: any, res: any) => void} */
  let handle = (_, res) => res.writeHead(503).end();
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (req, res) =>
    handle(req, res),
  );
  const { port, stop: close } = await listen(server);
  const url = `https://localhost:${port}`;

  // The issuer names the port, so the provider can only be made once the server listens.
  const callback = new Provider(`${url}${mount}`, configuration(known)).callback();
  handle = (req, res) => {
    if (!req.url.startsWith(`${mount}/`)) return res.writeHead(404).end();
    req.originalUrl = req.url; // from which the provider learns its mount path
    req.url = req.url.slice(mount.length);
    return callback(req, res);
  };
  const stop = async () => {
    await close();
    unmute();
  };
  return { url, tenant: TENANT, clientId: CLIENT_ID, scope: SCOPE, stop };
}

/**
 * @param {string} [scope]
 * @returns {import("oidc-provider").Configuration}
 */
const configuration = (scope) => ({
  clients: [
    {
      client_id: CLIENT_ID,
      client_name: "The device code app",
      application_type: "native",
      token_endpoint_auth_method: "none",
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
      redirect_uris: [],
      response_types: [],
      ...(scope && { scope }),
    },
  ],
  scopes: ["openid", "offline_access", SCOPE],
  claims: { openid: ["sub"], profile: ["name", "preferred_username"] },
  // Entra puts the profile in the id token; the default is to leave it to the userinfo endpoint.
  conformIdTokenClaims: false,
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: sub.split("@")[0], preferred_username: sub }),
  }),
  features: {
    deviceFlow: { enabled: true },
    devInteractions: { enabled: true }, // pages to log in with any name and to consent
  },
  cookies: { keys: ["only", "for", "tests"] },
  ttl: { DeviceCode: 600, AccessToken: 3600, RefreshToken: 86_400, IdToken: 3600 },
});

/** The provider advises on the console what a production setup would change; that is not for a test's output. */
function muteAdvice() {
  const { info, warn } = console;
  for (const [name, print] of Object.entries({ info, warn })) {
    console[name] = (...args) => String(args[0]).includes("oidc-provider ") || print(...args);
  }
  return () => Object.assign(console, { info, warn });
}
