// An Entra within the process, that answers at once: what is left is what a library does. It counts what it is asked.

import { CLIENT, GRAPH, HOST, identityOf, secretOf, TENANT } from "./accounts.js";

const METADATA = {
  issuer: `https://${HOST}/${TENANT}/v2.0`,
  authorization_endpoint: `https://${HOST}/${TENANT}/oauth2/v2.0/authorize`,
  device_authorization_endpoint: `https://${HOST}/${TENANT}/oauth2/v2.0/devicecode`,
  token_endpoint: `https://${HOST}/${TENANT}/oauth2/v2.0/token`,
  jwks_uri: `https://${HOST}/${TENANT}/discovery/v2.0/keys`,
};
const DISCOVERY = {
  tenant_discovery_endpoint: `https://${HOST}/${TENANT}/v2.0/.well-known/openid-configuration`,
  "api-version": "1.1",
  metadata: [{ preferred_network: HOST, preferred_cache: HOST, aliases: [HOST] }],
};
const PENDING = {
  error: "authorization_pending",
  error_description: "AADSTS70016: OAuth 2.0 device flow error. Authorization is pending.",
  error_codes: [70016],
  timestamp: "2026-11-01 00:00:00Z",
  trace_id: "a0000000-0000-0000-0000-000000000000",
  correlation_id: "b0000000-0000-0000-0000-000000000000",
};

/** Each grant has tokens of its own, whichever service gives them: what a store has already need not be written. */
let granted = 1_000_000;

/**
 * @param {object} [options]
 * @param {number} [options.interval] seconds between polls
 * @param {number} [options.approvesAfter] how long after a code was asked for a poll gives tokens, in milliseconds
 * @param {number} [options.account] who signs in
 */
export function createService({ interval = 1, approvesAfter = 0, account = 0 } = {}) {
  const counts = { requests: 0, polls: 0 };
  const user = { account };
  let approved = Number.POSITIVE_INFINITY;
  function tokens() {
    return {
      token_type: "Bearer",
      expires_in: 86400,
      ext_expires_in: 86400,
      access_token: secretOf(++granted, 1600),
      refresh_token: secretOf(++granted, 1300),
      ...identityOf(user.account),
    };
  }

  function code() {
    approved = performance.now() + approvesAfter;
    return {
      device_code: secretOf(++granted, 240),
      user_code: "ABCD12345",
      verification_uri: "https://microsoft.com/devicelogin",
      expires_in: 900,
      interval,
      message: "To sign in, open https://microsoft.com/devicelogin and enter the code ABCD12345.",
    };
  }

  /** @returns {{status: number, text: string}} */
  function answer(url, body) {
    counts.requests += 1;
    if (url.includes("/discovery/instance")) return json(200, DISCOVERY);
    if (url.includes("/openid-configuration")) return json(200, METADATA);
    if (url.includes("/devicecode")) return json(200, code());
    if (body.includes("grant_type=refresh_token")) return json(200, tokens());
    counts.polls += 1;
    return performance.now() < approved ? json(400, PENDING) : json(200, tokens());
  }

  return { counts, user, answer };
}

function json(status, value) {
  return { status, text: JSON.stringify(value) };
}

/** The service as a `fetch`. */
export function fetchFrom({ answer }) {
  return async (url, { body = "" } = {}) => {
    const { status, text } = answer(String(url), String(body));
    return new Response(text, { status, headers: { "content-type": "application/json" } });
  };
}

/** What a client sends to begin. */
export const CODE_REQUEST = {
  url: METADATA.device_authorization_endpoint,
  form: { client_id: CLIENT, scope: `${GRAPH} offline_access openid profile` },
};
/** What a client sends to poll. */
export const POLL = {
  url: METADATA.token_endpoint,
  form: {
    client_id: CLIENT,
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code: secretOf(1, 240),
    client_info: "1",
  },
};
