/** How an app written for `@azure/identity` handles failures: by name, by class, by what the server said. */

import {
  AuthenticationError,
  CredentialUnavailableError,
  DeviceCodeCredential,
} from "@azure/identity";
import type { Settings } from "./app.js";

export async function report(settings: Settings): Promise<unknown[]> {
  const credential = new DeviceCodeCredential({
    ...settings,
    disableInstanceDiscovery: true,
    retryOptions: { maxRetries: 0 },
    userPromptCallback: () => {},
  });
  try {
    await credential.getToken("https://graph.microsoft.com/.default");
    return ["a token"];
  } catch (error) {
    if (error instanceof CredentialUnavailableError) return ["unavailable", error.message];
    if (!(error instanceof AuthenticationError)) throw error;
    const { name, statusCode, errorResponse } = error;
    return [name, statusCode, errorResponse?.error, errorResponse?.errorCodes];
  }
}

/** Errors of one's own, as a test of an app makes them. */
export function made(): Error[] {
  const body = { error: "invalid_grant", error_description: "expired" };
  return [new AuthenticationError(400, body), new CredentialUnavailableError("not here")];
}
