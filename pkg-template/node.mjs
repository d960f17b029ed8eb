// `import` and `require` share one instance and one set of classes.
export {
  AuthenticationError,
  AuthenticationErrorName,
  AuthenticationRecord,
  AuthenticationRequiredError,
  AzureAuthorityHosts,
  ClientAuthenticationError,
  CredentialUnavailableError,
  CredentialUnavailableErrorName,
  DeviceCodeCredential,
  deserializeAuthenticationRecord,
  parseClaimsChallenge,
  serializeAuthenticationRecord,
  useIdentityPlugin,
} from "./node.cjs";
