/** What every program here does: something with a credential that keeps its tokens in some store. */

import { DeviceCodeCredential } from "entra-device-code";

/**
 * @typedef {object} Errand
 * @property {"sign in" | "get a token" | "sign out"} do
 * @property {string} base the address of the scenario that stands in for Entra
 * @property {string} tenantId
 * @property {object} [record] of who signed in
 * @property {boolean} [isAsked] whether the user is asked to sign in when nothing else helps; by default without a record
 * @property {string} [scope]
 * @property {{name?: string, partitioned?: boolean}} [layout] of the store
 * @property {string} [key] the encryption key in base64; without one, nothing is encrypted
 */

/**
 * @param {Errand} errand
 * @param {object} store the part of `cachePersistenceOptions` that says where
 * @returns {Promise<{record?: object, token?: string, warnings: string[]}>}
 */
export async function act(errand, store) {
  const { scope = "User.Read" } = errand;
  const { credential, warnings } = open(errand, store);
  switch (errand.do) {
    case "sign in": {
      const signedIn = await credential.authenticate({ scopes: scope });
      const { token } = await credential.getToken(scope);
      return { record: signedIn, token, warnings };
    }
    case "get a token": {
      const { token } = await credential.getToken(scope);
      return { token, warnings };
    }
    case "sign out":
      await credential.removeAccount();
      return { warnings };
    default:
      throw new TypeError(`unknown errand: ${errand.do}`);
  }
}

/**
 * @param {Omit<Errand, "do"> & {listen?: (response: Response) => Promise<Response>, log?: string[]}} errand what sees each
 *   reply, and where all log lines go, for whoever looks for secrets
 * @param {object} store
 */
export function open(errand, store) {
  const { base, tenantId, record, layout, key, isAsked = !record, listen, log } = errand;
  const warnings = [];
  const prompts = [];
  const credential = new DeviceCodeCredential({
    tenantId,
    authenticationRecord: record,
    disableAutomaticAuthentication: !isAsked,
    cachePersistenceOptions: { ...layout, ...(store.storage && protection(key)), ...store },
    fetch: listen ? async (...args) => listen(await reaching(base)(...args)) : reaching(base),
    promptCallback: (_, code) => void prompts.push(code),
    enableSupportLogging: log !== undefined,
    logger(level, line) {
      log?.push(`${level}: ${line}`);
      if (level === "warning") warnings.push(line);
    },
  });
  return { credential, prompts, warnings };
}

function protection(key) {
  if (key === undefined) return { allowUnencryptedStorage: true };
  return { encryptionKey: Uint8Array.from(atob(key), (character) => character.charCodeAt(0)) };
}

/**
 * A `fetch` that brings every request to a scenario, and so makes Microsoft's hosts those of the scenario.
 *
 * @param {string} base
 * @returns {typeof fetch}
 */
export function reaching(base) {
  return (url, init) => {
    const { host, pathname, search } = new URL(url);
    return fetch(`${base}/${host}${pathname}${search}`, init);
  };
}
