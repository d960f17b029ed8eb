// What the package exports, on every runtime.
export { parseClaimsChallenge } from "./claims.js";
export { DeviceCodeCredential } from "./credential.js";
export {
  AuthenticationError,
  AuthenticationErrorName,
  AuthenticationRequiredError,
  ClientAuthenticationError,
  CredentialUnavailableError,
  CredentialUnavailableErrorName,
} from "./errors.js";
export {
  AuthenticationRecord,
  deserializeAuthenticationRecord,
  serializeAuthenticationRecord,
} from "./record.js";

/** What the plugin of @azure/identity for persistent caches adds there is here already. */
export function useIdentityPlugin() {}

/** The hosts of Microsoft's clouds. The names are those of @azure/identity, and Python's. */
export const AzureAuthorityHosts = Object.freeze({
  AzureChina: "https://login.chinacloudapi.cn",
  AzureGermany: "https://login.microsoftonline.de",
  AzureGovernment: "https://login.microsoftonline.us",
  AzurePublicCloud: "https://login.microsoftonline.com",
  AZURE_CHINA: "login.chinacloudapi.cn",
  AZURE_GOVERNMENT: "login.microsoftonline.us",
  AZURE_PUBLIC_CLOUD: "login.microsoftonline.com",
});
