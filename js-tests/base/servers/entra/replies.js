/** What Entra answers when nothing is scripted. */

import { errorReply } from "./errors.js";
import { addresses } from "./routing.js";
import { accessToken, clientInfo, grantedScope, idToken, parseScope } from "./tokens.js";

/** RFC 8628's name, and the one before it, which MSAL for JavaScript still says. */
const DEVICE_CODE_GRANTS = ["urn:ietf:params:oauth:grant-type:device_code", "device_code"];

/** Instance discovery's metadata: a cloud's hosts, the one to send to and the one MSAL's cache is keyed by. */
const CLOUDS = [
  {
    preferred_network: "login.microsoftonline.com",
    preferred_cache: "login.windows.net",
    aliases: [
      "login.microsoftonline.com",
      "login.windows.net",
      "login.microsoft.com",
      "sts.windows.net",
    ],
  },
  {
    preferred_network: "login.partner.microsoftonline.cn",
    preferred_cache: "login.partner.microsoftonline.cn",
    aliases: ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
  },
  {
    preferred_network: "login.microsoftonline.de",
    preferred_cache: "login.microsoftonline.de",
    aliases: ["login.microsoftonline.de"],
  },
  {
    preferred_network: "login.microsoftonline.us",
    preferred_cache: "login.microsoftonline.us",
    aliases: ["login.microsoftonline.us", "login.usgovcloudapi.net"],
  },
  {
    preferred_network: "login-us.microsoftonline.com",
    preferred_cache: "login-us.microsoftonline.com",
    aliases: ["login-us.microsoftonline.com"],
  },
];

/**
 * @typedef {object} ProtocolRequest
 * @property {import("./scenario.js").Scenario} scenario
 * @property {import("./routing.js").Route} route
 * @property {string} method
 * @property {Record<string, string>} query
 * @property {Record<string, string>} form
 * @property {string | undefined} correlationId
 */

/** @typedef {{status: number, json?: Record<string, unknown>}} Reply */

/**
 * @param {string} endpoint
 * @param {ProtocolRequest} request
 * @returns {Reply}
 */
export function defaultReply(endpoint, request) {
  switch (endpoint) {
    case "devicecode":
      return posted(request) ?? required(request, "client_id", "scope") ?? deviceCode(request);
    case "token":
      return posted(request) ?? required(request, "client_id", "grant_type") ?? redeem(request);
    case "refresh":
      return posted(request) ?? required(request, "client_id", "refresh_token") ?? refresh(request);
    case "openid":
      return { status: 200, json: openidConfiguration(request.route, request.scenario) };
    case "instance":
      return instanceDiscovery(request);
    default:
      return { status: 404 };
  }
}

/** @param {ProtocolRequest} request */
function posted({ method, correlationId }) {
  return method === "POST" ? undefined : errorReply(900561, { correlationId });
}

/**
 * @param {ProtocolRequest} request
 * @param {...string} names
 */
function required({ form, correlationId }, ...names) {
  const missing = names.find((name) => !form[name]);
  if (!missing) return undefined;
  const text = `The request body must contain the following parameter: '${missing}'.`;
  return errorReply(900144, { correlationId, text });
}

/** @param {ProtocolRequest} request */
function deviceCode({ scenario, form }) {
  const code = scenario.issueCode(form.client_id, parseScope(form.scope));
  const page = "https://microsoft.com/devicelogin";
  return {
    status: 200,
    json: {
      user_code: code.userCode,
      device_code: code.deviceCode,
      verification_uri: page,
      expires_in: scenario.settings.expiresIn,
      interval: scenario.settings.interval,
      message: `To sign in, use a web browser to open the page ${page} and enter the code ${code.userCode} to authenticate.`,
    },
  };
}

/**
 * A poll with a device code.
 *
 * @param {ProtocolRequest} request
 */
function redeem(request) {
  const { scenario, form, correlationId } = request;
  const error = (name) => errorReply(name, { correlationId });
  if (!DEVICE_CODE_GRANTS.includes(form.grant_type)) return error("unsupported_grant_type");
  const missing = required(request, "device_code");
  if (missing) return missing;
  const code = scenario.codes.get(form.device_code);
  if (!code || code.clientId !== form.client_id) return error("bad_verification_code");

  const now = scenario.recording.now();
  const early = now < (code.lastReplyAt ?? Number.NEGATIVE_INFINITY) + code.interval * 1000;
  code.lastReplyAt = now;
  if (code.state === "redeemed") return error(54005);
  if (now >= code.expiresAt) return error("expired_token");
  if (scenario.settings.enforceInterval && early) {
    code.interval += 5;
    return error("slow_down");
  }
  if (code.state === "declined") return error("authorization_declined");
  const { approveAfterPolls } = scenario.settings;
  const decided = approveAfterPolls !== null && code.polls >= approveAfterPolls;
  code.polls += 1;
  if (code.state === "pending" && !decided) return error("authorization_pending");

  code.state = "redeemed";
  return { status: 200, json: tokens(request, code.scope, code.scope.includes("offline_access")) };
}

/** @param {ProtocolRequest} request */
function refresh(request) {
  const { scenario, form, correlationId } = request;
  const known = scenario.refreshTokens.get(form.refresh_token);
  // A family's refresh token serves every app of the family; any other only the app that got it.
  const foreign = known?.clientId && known.clientId !== form.client_id && !scenario.settings.foci;
  if (!known || foreign) return errorReply(70000, { correlationId });
  if (known.revoked) return errorReply(50173, { correlationId });
  // Entra rotates at each use, and does not retire the old token. Other servers do.
  if (scenario.settings.retiresRefreshTokens) scenario.refreshTokens.delete(form.refresh_token);
  return { status: 200, json: tokens(request, parseScope(form.scope), true) };
}

/**
 * @param {ProtocolRequest} request
 * @param {string[]} scope as asked
 * @param {boolean} offline
 */
function tokens({ scenario, route, form }, scope, offline) {
  const { settings, user } = scenario;
  const clientId = form.client_id;
  // A tenant that is the scenario's id is the user's home.
  const tenant = route.rewritten ? route.tenant : user.tid;
  const expiresIn = settings.tokenExpiresIn;
  const token = { user, tenant, clientId, scope, expiresIn, claims: form.claims };
  return {
    token_type: "Bearer",
    scope: grantedScope(scope),
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    ...(settings.refreshIn !== undefined && { refresh_in: settings.refreshIn }),
    access_token: accessToken(token, settings.accessTokenClaims),
    ...(offline && { refresh_token: scenario.issueRefreshToken(clientId) }),
    ...(settings.foci && { foci: "1" }),
    ...(scope.includes("openid") && { id_token: idToken(token) }),
    ...(form.client_info === "1" && { client_info: clientInfo(user) }),
  };
}

/**
 * @param {import("./routing.js").Route} route
 * @param {import("./scenario.js").Scenario} scenario
 */
function openidConfiguration({ host, tenant, rewritten }, { user }) {
  const at = addresses(host, tenant);
  const shared = ["common", "organizations"].includes(tenant);
  const tid = rewritten ? tenant : user.tid;
  return {
    token_endpoint: at.token,
    token_endpoint_auth_methods_supported: [
      "client_secret_post",
      "private_key_jwt",
      "client_secret_basic",
    ],
    jwks_uri: at.jwks,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    // Literally so for tenants that stand for many: the reader fills in the token's own.
    issuer: `https://login.microsoftonline.com/${shared ? "{tenantid}" : tid}/v2.0`,
    request_uri_parameter_supported: false,
    userinfo_endpoint: "https://graph.microsoft.com/oidc/userinfo",
    authorization_endpoint: at.authorization,
    device_authorization_endpoint: at.deviceAuthorization,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: at.logout,
    claims_supported: [
      "sub",
      "iss",
      "aud",
      "exp",
      "iat",
      "name",
      "oid",
      "preferred_username",
      "tid",
    ],
    tenant_region_scope: shared ? null : "EU",
    cloud_instance_name: "microsoftonline.com",
    cloud_graph_host_name: "graph.windows.net",
    msgraph_host: "graph.microsoft.com",
    rbac_url: "https://pas.windows.net",
  };
}

/** @param {ProtocolRequest} request */
function instanceDiscovery({ scenario, query, correlationId }) {
  const asked = URL.canParse(query.authorization_endpoint ?? "")
    ? new URL(query.authorization_endpoint)
    : undefined;
  const known = [...CLOUDS.flatMap((cloud) => cloud.aliases), ...scenario.settings.knownHosts];
  if (!asked || !known.includes(asked.host)) return errorReply(50049, { correlationId });
  const [, tenant = "common"] = asked.pathname.split("/");
  const version = query["api-version"] ?? "1.0";
  return {
    status: 200,
    json: {
      tenant_discovery_endpoint: addresses(asked.host, tenant).openid,
      // Only 1.1 names the aliases.
      ...(version === "1.1" && { "api-version": version, metadata: CLOUDS }),
    },
  };
}
