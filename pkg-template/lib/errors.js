// The error classes. Their names and shapes are those of @azure/identity; the structure is Python's.

/** What users of @azure/identity compare a `name` with. */
export const AuthenticationErrorName = "AuthenticationError";
export const CredentialUnavailableErrorName = "CredentialUnavailableError";

/** Authentication failed. Python calls it `ClientAuthenticationError`. */
export class AuthenticationError extends Error {
  static name = "AuthenticationError";

  /**
   * `(message, details?)`, or `(statusCode, errorBody, options?)` as in @azure/identity.
   */
  constructor(...args) {
    const [message, details, options] = typeof args[0] === "number" ? fromStatus(...args) : args;
    super(message, cause(details ?? options));
    this.name = "AuthenticationError";
    const { statusCode, errorResponse, hint } = details ?? {};
    if (statusCode !== undefined) this.statusCode = statusCode;
    if (errorResponse !== undefined) this.errorResponse = errorResponse;
    if (hint !== undefined) this.hint = hint;
  }
}

export { AuthenticationError as ClientAuthenticationError };

/** The credential did not attempt to authenticate because required data or state is unavailable. */
export class CredentialUnavailableError extends AuthenticationError {
  static name = "CredentialUnavailableError";

  constructor(message, details) {
    super(message, details);
    this.name = "CredentialUnavailableError";
  }
}

/** The user must interact, and the credential was told not to begin that by itself. */
export class AuthenticationRequiredError extends CredentialUnavailableError {
  static name = "AuthenticationRequiredError";

  constructor({ message, ...details }) {
    super(message, details);
    this.name = "AuthenticationRequiredError";
    this.scopes = details.scopes;
    this.getTokenOptions = details.getTokenOptions;
    if (details.claims !== undefined) this.claims = details.claims;
  }
}

/** The error of a kind that the core names. `asked` is what the caller wanted. */
export function createError(kind, message, details, asked) {
  switch (kind) {
    case "TypeError":
      return new TypeError(message);
    case "CredentialUnavailableError":
      return new CredentialUnavailableError(message, details);
    case "AuthenticationRequiredError":
      return new AuthenticationRequiredError({ message, ...details, ...required(asked) });
    default:
      return new AuthenticationError(message, details);
  }
}

/** What to pass to `authenticate`, as the caller passed it to `getToken`. */
function required({ scopes, claims, tenantId, enableCae }) {
  const getTokenOptions = {};
  if (claims) getTokenOptions.claims = claims;
  if (tenantId) getTokenOptions.tenantId = tenantId;
  if (enableCae) getTokenOptions.enableCae = true;
  return { scopes, claims: claims || undefined, getTokenOptions };
}

function cause(details) {
  return details?.cause === undefined ? undefined : { cause: details.cause };
}

function fromStatus(statusCode, errorBody, options) {
  const errorResponse = parse(errorBody);
  const message =
    `${errorResponse.error} Status code: ${statusCode}\n` +
    `More details:\n${errorResponse.errorDescription},`;
  return [message, { statusCode, errorResponse, cause: options?.cause }];
}

function parse(body) {
  let reply = body;
  if (typeof body === "string") {
    try {
      reply = JSON.parse(body);
    } catch {
      reply = { error: "invalid_request", error_description: `The reply is no JSON:\n\n${body}` };
    }
  }
  return {
    error: reply?.error ?? "unknown_error",
    errorDescription: reply?.error_description ?? reply?.errorDescription ?? "no details",
    errorCodes: reply?.error_codes ?? reply?.errorCodes,
    timestamp: reply?.timestamp,
    traceId: reply?.trace_id ?? reply?.traceId,
    correlationId: reply?.correlation_id ?? reply?.correlationId,
  };
}
