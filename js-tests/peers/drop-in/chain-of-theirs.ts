/** What stays of `@azure/identity` in an app that takes the credential from elsewhere. */

import { ChainedTokenCredential } from "@azure/identity";

export { ChainedTokenCredential };

/** The last of a chain. */
export const FALLBACK = {
  getToken: async () => ({ token: "of the next", expiresOnTimestamp: Date.now() + 3_600_000 }),
};
