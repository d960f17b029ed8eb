/** What the package answered, in the words drive.py uses for azure-identity. */

/**
 * @param {{token: string, tokenType: string, expiresOnTimestamp: number, refreshAfterTimestamp?: number}} token
 * @param {number} askedAt ms
 */
export function describeToken(token, askedAt) {
  const { expiresOnTimestamp: expiresOn, refreshAfterTimestamp: refreshAfter } = token;
  return {
    kind: "token",
    token: token.token,
    tokenType: token.tokenType,
    expiresIn: (expiresOn - askedAt) / 1000,
    refreshIn: refreshAfter === undefined ? null : (refreshAfter - askedAt) / 1000,
  };
}

/** @param {import("entra-device-code").AuthenticationRecord} record */
export function describeRecord(record) {
  const { authority, clientId, homeAccountId, tenantId, username } = record;
  const fields = { authority, clientId, homeAccountId, tenantId, username };
  return { kind: "record", ...fields, serialized: record.serialize() };
}

/** The subclass before its base. */
const KINDS = {
  AuthenticationRequiredError: "AuthenticationRequiredError",
  CredentialUnavailableError: "CredentialUnavailableError",
  AuthenticationError: "ClientAuthenticationError",
  TypeError: "ArgumentError",
};

/** @param {any} error */
export function describeError(error) {
  const kind = KINDS[error?.name] ?? String(error?.name);
  const { message, errorResponse, statusCode } = error;
  const required = { scopes: error.scopes, claims: error.claims ?? null };
  return {
    kind,
    message,
    ...(kind === "AuthenticationRequiredError" && required),
    ...(statusCode !== undefined && { status: statusCode }),
    ...(errorResponse && {
      oauthError: errorResponse.error,
      errorCodes: errorResponse.errorCodes,
    }),
    ...(error.cause && { cause: String(error.cause) }),
  };
}
