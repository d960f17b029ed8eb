// Credentials of this package, at the service within the process.

import { DeviceCodeCredential } from "entra-device-code";
import { CLIENT, recordOf, TENANT } from "./accounts.js";
import { createService, fetchFrom } from "./service.js";

/** What no token in a cache will do for. */
export const RENEWED = { claims: '{"access_token":{}}' };

export function createCredential(service, options) {
  return new DeviceCodeCredential({
    clientId: CLIENT,
    tenantId: TENANT,
    fetch: fetchFrom(service),
    promptCallback() {},
    ...options,
  });
}

/** One whose account has signed in, and is in a store. */
export function storedCredential(
  number,
  cachePersistenceOptions,
  service = createService({ account: number }),
) {
  return createCredential(service, {
    authenticationRecord: recordOf(number),
    disableAutomaticAuthentication: true,
    cachePersistenceOptions,
    logger(level, line) {
      if (level === "warning") throw new Error(line);
    },
  });
}
