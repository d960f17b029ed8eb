// The error classes. Their names and shapes are those of @azure/identity; the structure is Python's.

/** @import { AuthenticationErrorDetails, ErrorResponse, GetTokenOptions } from "../index.js" */
/** @typedef {[message?: string, details?: AuthenticationErrorDetails]} Arguments */
/** @typedef {[statusCode: number, errorBody: unknown, options?: { cause?: unknown }]} Reply */
/** @typedef {AuthenticationErrorDetails & { scopes: string[], claims?: string, getTokenOptions?: GetTokenOptions }} Required */

/**
 * The body of a reply, or such a body as somebody has read it.
 *
 * @typedef {Partial<ErrorResponse> & {error_description?: string, error_codes?: number[], trace_id?: string, correlation_id?: string}} Body
 */

/** What users of @azure/identity compare a `name` with. */
export const AuthenticationErrorName = "AuthenticationError";
export const CredentialUnavailableErrorName = "CredentialUnavailableError";

/** Authentication failed. Python calls it `ClientAuthenticationError`. */
export class AuthenticationError extends Error {
  static name = "AuthenticationError";

  /**
   * `(message, details?)`, or `(statusCode, errorBody, options?)` as in @azure/identity.
   *
   * @param {Arguments | Reply} args
   */
  constructor(...args) {
    const [message, details] =
      typeof args[0] === "number"
        ? fromStatus(.../** @type {Reply} */ (args))
        : /** @type {Arguments} */ (args);
    super(message, cause(details));
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

  /**
   * @param {string} [message]
   * @param {AuthenticationErrorDetails} [details]
   */
  constructor(message, details) {
    super(message, details);
    this.name = "CredentialUnavailableError";
  }
}

/** The user must interact, and the credential was told not to begin that by itself. */
export class AuthenticationRequiredError extends CredentialUnavailableError {
  static name = "AuthenticationRequiredError";

  /** @param {Required & { message?: string }} options */
  constructor({ message, ...details }) {
    super(message, details);
    this.name = "AuthenticationRequiredError";
    this.scopes = details.scopes;
    this.getTokenOptions = details.getTokenOptions;
    if (details.claims !== undefined) this.claims = details.claims;
  }
}

/**
 * The errors that `createError` made.
 *
 * @type {WeakSet<Error>}
 */
const made = new WeakSet();

/**
 * The error of a class that Rust names, with what it knows.
 *
 * @param {string} kind
 * @param {string} message
 * @param {AuthenticationErrorDetails} [details]
 */
export function createError(kind, message, details) {
  const error = construct(kind, message, details);
  made.add(error);
  return error;
}

/**
 * @param {string} kind
 * @param {string} message
 * @param {AuthenticationErrorDetails} [details]
 */
function construct(kind, message, details) {
  switch (kind) {
    case "TypeError":
      return new TypeError(message);
    case "CredentialUnavailableError":
      return new CredentialUnavailableError(message, details);
    case "AuthenticationRequiredError":
      return new AuthenticationRequiredError({ message, .../** @type {Required} */ (details) });
    default:
      return new AuthenticationError(message, details);
  }
}

/**
 * The same error, with the frames of those who call or wait for it: what was on the stack when Rust made it is all ours. Another's
 * error, such as the reason of a signal, stays as it is.
 *
 * @param {unknown} thrown
 */
export function withCaller(thrown) {
  const error = /** @type {Error} */ (thrown);
  if (made.has(error)) {
    const { stack = "" } = new Error();
    const frames = stack.indexOf("\n    at ");
    if (frames >= 0) error.stack = `${error}${stack.slice(frames)}`;
  }
  return error;
}

/**
 * Whether a store says by an exception that it can't work as it is configured.
 *
 * @param {unknown} exception
 */
export function isUnavailable(exception) {
  return exception instanceof CredentialUnavailableError;
}

/** @param {AuthenticationErrorDetails} [details] */
function cause(details) {
  return details?.cause === undefined ? undefined : { cause: details.cause };
}

/**
 * @param {Reply} reply
 * @returns {Arguments}
 */
function fromStatus(...[statusCode, errorBody, options]) {
  const errorResponse = parse(errorBody);
  const message =
    `${errorResponse.error} Status code: ${statusCode}\n` +
    `More details:\n${errorResponse.errorDescription},`;
  return [message, { statusCode, errorResponse, cause: options?.cause }];
}

/**
 * @param {unknown} body
 * @returns {ErrorResponse}
 */
function parse(body) {
  let reply = /** @type {Body | null | undefined} */ (body);
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
