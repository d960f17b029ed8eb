// `import` and `require` share one instance and one set of classes.
export {
  AuthenticationError,
  AuthenticationRecord,
  AuthenticationRequiredError,
  AzureAuthorityHosts,
  ClientAuthenticationError,
  CredentialUnavailableError,
  DeviceCodeCredential,
  deserializeAuthenticationRecord,
  serializeAuthenticationRecord,
} from "./node.cjs";
