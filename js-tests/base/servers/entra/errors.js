/**
 * Entra's errors: the OAuth error code of each AADSTS number, its text and, where it is not 400, its HTTP status.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */

import { randomUUID } from "node:crypto";

/**
 * @typedef {object} EntraError
 * @property {string} error
 * @property {string} text
 * @property {number} [status]
 * @property {string} [suberror]
 */

/** @type {Record<string, EntraError>} */
const BY_NUMBER = {
  28000: {
    error: "invalid_request",
    text: "Provided value for the input parameter scope isn't valid because it contains more than one resource.",
  },
  50020: {
    error: "invalid_grant",
    text: "User account from identity provider does not exist in tenant and cannot access the application in that tenant.",
  },
  50034: {
    error: "invalid_grant",
    text: "The user account does not exist in the directory. To sign into this application, the account must be added to the directory.",
  },
  50049: { error: "invalid_instance", text: "Unknown or invalid instance." },
  50059: {
    error: "invalid_request",
    text: "No tenant-identifying information found in either the request or implied by any provided credentials.",
  },
  50076: {
    error: "interaction_required",
    text: "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.",
    suberror: "basic_action",
  },
  50079: {
    error: "interaction_required",
    text: "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access the resource.",
    suberror: "basic_action",
  },
  50105: {
    error: "access_denied",
    text: "Your administrator has configured the application to block users unless they are specifically granted ('assigned') access to the application.",
  },
  50005: {
    error: "interaction_required",
    text: "The platform of this device is not one that Conditional Access supports.",
  },
  50097: {
    error: "interaction_required",
    text: "The device must authenticate itself.",
  },
  50158: {
    error: "interaction_required",
    text: "External security challenge not satisfied. User will be redirected to another page or authentication provider to satisfy additional authentication challenges.",
  },
  50173: {
    error: "invalid_grant",
    text: "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
    suberror: "bad_token",
  },
  53003: {
    error: "access_denied",
    text: "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    suberror: "message_only",
  },
  54005: {
    error: "invalid_grant",
    text: "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
  },
  65001: {
    error: "invalid_grant",
    text: "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.",
    suberror: "consent_required",
  },
  70000: { error: "invalid_grant", text: "Provided grant is invalid or malformed." },
  70003: {
    error: "unsupported_grant_type",
    text: "The app requested an unsupported grant type.",
  },
  70011: {
    error: "invalid_scope",
    text: "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid.",
  },
  70016: {
    error: "authorization_pending",
    text: "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
  },
  70018: {
    error: "bad_verification_code",
    text: "The provided value for the input parameter 'device_code' is not valid.",
  },
  70020: {
    error: "expired_token",
    text: "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
  },
  700016: {
    error: "unauthorized_client",
    text: "Application was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
  },
  700082: {
    error: "invalid_grant",
    text: "The refresh token has expired due to inactivity.",
    suberror: "bad_token",
  },
  7000218: {
    error: "invalid_client",
    text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    status: 401,
  },
  90002: {
    error: "invalid_request",
    text: "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
  },
  90033: {
    error: "temporarily_unavailable",
    text: "A transient error has occurred. Please try again.",
    status: 503,
  },
  90094: {
    error: "access_denied",
    text: "An administrator of the organization has set a policy that prevents you from granting the application the permissions it is requesting.",
  },
  900144: {
    error: "invalid_request",
    text: "The request body must contain the following parameter.",
  },
  9002331: {
    error: "invalid_request",
    text: "Application is configured for use by Microsoft Account users only. Please use the /consumers endpoint to serve this request.",
  },
  900561: {
    error: "invalid_request",
    text: "The endpoint only accepts POST requests. Received a GET request.",
  },
};

/** Errors a scenario may ask for that Entra sends without a number of its own. */
const BY_NAME = {
  access_denied: "The user denied access.",
  authorization_declined: "The end user has denied the authorization request.",
  server_error: "The server encountered an unexpected error.",
  slow_down: "Polling too frequently.",
};

/** The number meant by an OAuth error code alone; several share `invalid_grant` and `invalid_request`. */
const NUMBER_OF = {
  authorization_pending: 70016,
  bad_verification_code: 70018,
  expired_token: 70020,
  interaction_required: 50076,
  invalid_client: 7000218,
  invalid_grant: 70000,
  invalid_instance: 50049,
  invalid_request: 900144,
  invalid_scope: 70011,
  temporarily_unavailable: 90033,
  unauthorized_client: 700016,
  unsupported_grant_type: 70003,
};

/**
 * The whole reply for an error.
 *
 * @param {string | number} name an OAuth error code ("authorization_pending"), or an AADSTS number (50076, "AADSTS50076")
 * @param {{correlationId?: string, text?: string}} [details] the request's `client-request-id`; a text in place of Entra's
 * @returns {{status: number, json: Record<string, unknown>}}
 */
export function errorReply(name, { correlationId = randomUUID(), text } = {}) {
  const number = Number(NUMBER_OF[name] ?? String(name).replace(/^AADSTS/, ""));
  const known = BY_NUMBER[number];
  const traceId = randomUUID();
  const timestamp = `${new Date().toISOString().slice(0, 19).replace("T", " ")}Z`;
  const trailer = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  const common = { timestamp, trace_id: traceId, correlation_id: correlationId };
  if (!known) {
    const description = `${text ?? BY_NAME[name] ?? name} ${trailer}`;
    return {
      status: 400,
      json: { error: String(name), error_description: description, error_codes: [], ...common },
    };
  }
  return {
    status: known.status ?? 400,
    json: {
      error: known.error,
      error_description: `AADSTS${number}: ${text ?? known.text} ${trailer}`,
      error_codes: [number],
      ...common,
      error_uri: `https://login.microsoftonline.com/error?code=${number}`,
      ...(known.suberror && { suberror: known.suberror }),
    },
  };
}
