/**
 * A serialized cache as MSAL writes it, with Ada's rows. Times are written `"@{seconds from now}"`; the drivers put the
 * time in when the scenario begins.
 */

import { ADA, CLIENT, credential, HOME, PUBLIC, RECORD } from "./values.js";

const key = (...parts) => parts.join("-").toLowerCase();

/**
 * @typedef {object} Row what differs from Ada's row of the default tenant
 * @property {string} [home]
 * @property {string} [environment]
 * @property {string} [client]
 * @property {string} [realm]
 * @property {string} [target]
 * @property {Record<string, unknown>} [more] other fields, or other values
 */

/** @param {Row} [row] */
export function account({ home = HOME, environment = PUBLIC, realm = "organizations", more } = {}) {
  return {
    Account: {
      [key(home, environment, realm)]: {
        home_account_id: home,
        environment,
        realm,
        local_account_id: ADA.oid,
        username: ADA.username,
        authority_type: "MSSTS",
        ...more,
      },
    },
  };
}

/**
 * @param {string} target
 * @param {Row} [row]
 */
export function accessToken(
  target,
  { home = HOME, environment = PUBLIC, client = CLIENT, realm = "organizations", more } = {},
) {
  return {
    AccessToken: {
      [key(home, environment, "accesstoken", client, realm, target)]: {
        credential_type: "AccessToken",
        secret: `at-${target}-${environment}-${realm}`,
        home_account_id: home,
        environment,
        client_id: client,
        target,
        realm,
        token_type: "Bearer",
        cached_at: "@-100",
        expires_on: "@3500",
        extended_expires_on: "@3500",
        ...more,
      },
    },
  };
}

/**
 * @param {string} secret
 * @param {Row} [row]
 */
export function refreshToken(
  secret,
  { home = HOME, environment = PUBLIC, client = CLIENT, target = "", more } = {},
) {
  return {
    RefreshToken: {
      [key(home, environment, "refreshtoken", client, "", target)]: {
        credential_type: "RefreshToken",
        secret,
        home_account_id: home,
        environment,
        client_id: client,
        target,
        last_modification_time: "@-100",
        ...more,
      },
    },
  };
}

/** @param {Row & {family?: string}} [row] */
export function appMetadata({ environment = PUBLIC, client = CLIENT, family } = {}) {
  return {
    AppMetadata: {
      [key("appmetadata", environment, client)]: {
        client_id: client,
        environment,
        ...(family && { family_id: family }),
      },
    },
  };
}

/** @param {...Record<string, Record<string, unknown>>} rows */
export function seed(...rows) {
  const cache = {};
  for (const row of rows) {
    for (const [section, entries] of Object.entries(row)) {
      cache[section] = { ...cache[section], ...entries };
    }
  }
  return JSON.stringify(cache);
}

/** The record is Ada's, but of the tenant whose rows the seeds have. */
export const record = { ...RECORD, tenantId: "organizations" };
export const known = credential({ authenticationRecord: record });
export const strict = credential({
  authenticationRecord: record,
  disableAutomaticAuthentication: true,
});
export const server = { refreshTokens: ["rt", "rt-2", "rt-3"] };
export const family = { more: { family_id: "1" } };
export const sister = { client: "b1a2c3d4-0000-4000-8000-5e6f708192a3" };

/** A scenario that begins with these rows. */
export const given = (name, rows, steps, more = {}) => ({
  name,
  cache: true,
  seed: seed(...rows),
  server,
  steps,
  ...more,
});
