/** The providers, each where it publishes its metadata, and with a user who answers. */

import { startOidc } from "../../base/servers/oidc.js";
import { createPerson } from "../../base/servers/person.js";
import { startAllauth } from "./allauth.js";

/**
 * @typedef {object} Provider
 * @property {object} options of a credential
 * @property {string} scope what to ask for
 * @property {string} other something else that the user has consented to
 * @property {Record<string, string>} [record] what the record of a sign-in says; none if no id token comes with the tokens
 * @property {(prompt: any) => Promise<unknown>} approve
 * @property {(prompt: any) => Promise<unknown>} deny
 * @property {() => Promise<unknown>} stop
 */

/** @type {Record<string, (certificate: import("../../base/servers/certificate.js").Certificate) => Promise<Provider>>} */
export const PROVIDERS = {
  async "oidc-provider"(certificate) {
    const path = "realms/staff";
    const known = "openid offline_access api.read";
    const { url, clientId, scope, stop } = await startOidc({
      certificate,
      mount: `/${path}`,
      known,
    });
    const person = createPerson(certificate);
    const metadataUrl = `${url}/${path}/.well-known/openid-configuration`;
    return {
      options: { metadataUrl, clientId, excludeScopes: ["profile"] },
      scope,
      other: "openid",
      record: { authority: new URL(url).host, tenantId: path, clientId },
      approve: person.approve,
      deny: person.deny,
      stop,
    };
  },

  async "django-allauth"(certificate) {
    const { metadataUrl, clientId, approve, deny, stop } = await startAllauth(certificate);
    return {
      options: { metadataUrl, clientId, excludeScopes: ["offline_access"] },
      scope: "email",
      other: "profile",
      approve,
      deny,
      stop,
    };
  },
};
