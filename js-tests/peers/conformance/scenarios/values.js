/** Names that scenarios share. */

export const CLIENT = "6f2c9d1e-0f0a-4c55-9d0e-3b8a7c1f2e44";
export const TENANT = "3d1b8a52-7c1e-4f0b-8f55-0c4f5e6a7b89";
export const OTHER_TENANT = "9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d";

export const PUBLIC = "login.microsoftonline.com";
export const CHINA = "login.chinacloudapi.cn";
export const GOVERNMENT = "login.microsoftonline.us";
/** Known to instance discovery where a scenario says so. */
export const CONTOSO = "login.contoso.test";

export const ARM = "https://management.core.windows.net//.default";
export const GRAPH = "https://graph.microsoft.com/User.Read";
export const VAULT = "https://vault.azure.net/.default";

/** Who signs in, in every scenario. */
export const ADA = {
  oid: "0b6c4a3e-52d1-4f7b-9a10-6d2e8f1c3b57",
  tid: "e1f2a3b4-c5d6-4e7f-8091-a2b3c4d5e6f7",
  username: "ada@contoso.com",
  name: "Ada",
};
export const HOME = `${ADA.oid}.${ADA.tid}`;

/** Ada's record, as a sign-in to the default tenant leaves it. */
export const RECORD = {
  authority: PUBLIC,
  clientId: CLIENT,
  homeAccountId: HOME,
  tenantId: ADA.tid,
  username: ADA.username,
  version: "1.0",
};

/** @param {object} [options] */
export const credential = (options) => ({ credential: { clientId: CLIENT, ...options } });

/**
 * @param {string[]} scopes
 * @param {{claims?: string, tenantId?: string, enableCae?: boolean}} [options]
 */
export const getToken = (scopes, options) => ({ getToken: scopes, ...options });

/**
 * @param {string[] | null} scopes
 * @param {{claims?: string, tenantId?: string, enableCae?: boolean}} [options]
 */
export const authenticate = (scopes, options) => ({ authenticate: scopes, ...options });

/**
 * Replies to come.
 *
 * @param {Record<string, object[]>} replies by endpoint
 */
export const nextReplies = (replies) => ({ server: { replies } });

/** An id token that says just this. */
export function idToken(claims) {
  return `e30.${base64url(claims)}.x`;
}

/** JSON, as tokens have it. */
export function base64url(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

const AT = `${PUBLIC}/organizations/oauth2/v2.0`;

/** The deviations when one side alone asks the user, in the default tenant. */
export const promptsOursAlone = (step) => prompts(step, "not sent → sent", "0 → 1");
export const promptsPythonAlone = (step) => prompts(step, "sent → not sent", "1 → 0");

function prompts(step, sent, count) {
  return [
    `${step} devicecode POST ${AT}/devicecode: ${sent}`,
    `${step} token POST ${AT}/token: ${sent}`,
    `${step} prompts: ${count}`,
  ];
}
