/** The error classes, as they are caught and as they are made. */

import {
  AuthenticationError,
  type AuthenticationErrorDetails,
  AuthenticationRequiredError,
  ClientAuthenticationError,
  CredentialUnavailableError,
  type DeviceCodeCredential,
  type ErrorResponse,
} from "entra-device-code";

export async function explain(credential: DeviceCodeCredential): Promise<string> {
  try {
    return (await credential.getToken("a")).token;
  } catch (error) {
    if (error instanceof AuthenticationRequiredError) {
      const scopes: string[] = error.scopes;
      const claims: string | undefined = error.claims;
      await credential.authenticate(scopes, error.getTokenOptions);
      await credential.authenticate({ scopes: error.scopes, ...error.getTokenOptions });
      return claims ?? "";
    }
    if (error instanceof CredentialUnavailableError) return error.message;
    if (error instanceof ClientAuthenticationError) {
      const response: ErrorResponse | undefined = error.errorResponse;
      const codes: number[] = response?.errorCodes ?? [];
      const said: (string | number | undefined)[] = [
        ...codes,
        response?.error,
        response?.errorDescription,
        response?.timestamp,
        response?.traceId,
        response?.correlationId,
        error.statusCode,
        error.hint,
      ];
      return said.join(" ");
    }
    throw error;
  }
}

const details: AuthenticationErrorDetails = { statusCode: 400, hint: "try again", cause: "why" };

export const made: AuthenticationError[] = [
  new AuthenticationError(),
  new AuthenticationError("no", details),
  new AuthenticationError(400, { error: "invalid_grant" }, { cause: "why" }),
  new ClientAuthenticationError(503, undefined),
  new CredentialUnavailableError("no", { cause: "why" }),
  new AuthenticationRequiredError({ scopes: ["a"], claims: "{}", message: "sign in" }),
];
