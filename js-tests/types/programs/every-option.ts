/** Every option, in both spellings, and every method in every form. */

import {
  type AccessToken,
  type AuthenticateOptions,
  AuthenticationRecord,
  type AuthenticationRecordFields,
  AzureAuthorityHosts,
  type CachePersistenceOptions,
  type CachePlugin,
  DeviceCodeCredential,
  type DeviceCodeCredentialOptions,
  type DeviceCodeInfo,
  type DeviceCodePromptCallback,
  deserializeAuthenticationRecord,
  type GetTokenOptions,
  type Logger,
  type LogLevel,
  type RetryOptions,
  serializeAuthenticationRecord,
  type TokenCacheContext,
} from "entra-device-code";

const plugin: CachePlugin = {
  async beforeCacheAccess({ tokenCache }: TokenCacheContext) {
    tokenCache.deserialize("{}");
  },
  async afterCacheAccess({ tokenCache, cacheHasChanged }: TokenCacheContext) {
    const text: string = cacheHasChanged ? tokenCache.serialize() : "";
    if (text === "") return;
  },
};

const retryOptions: RetryOptions = { maxRetries: 1, retryDelayInMs: 2, maxRetryDelayInMs: 3 };
const persistence: CachePersistenceOptions = { cachePlugin: plugin, cachePluginCae: plugin };
const lines: string[] = [];
const logger: Logger = (level: LogLevel, message: string) => lines.push(`${level} ${message}`);

const ours: DeviceCodeCredentialOptions = {
  clientId: "client",
  authority: "login.microsoftonline.us",
  tenantId: "contoso.com",
  timeout: 60,
  promptCallback: (verificationUri: string, userCode: string, expiresOn: Date) => {
    lines.push(verificationUri, userCode, expiresOn.toISOString());
  },
  disableAutomaticAuthentication: true,
  cachePersistenceOptions: persistence,
  disableInstanceDiscovery: true,
  enableSupportLogging: true,
  additionallyAllowedTenants: ["*"] as const,
  retryOptions,
  requestTimeout: 5000,
  logger,
};

const prompt: DeviceCodePromptCallback = async (info: DeviceCodeInfo) => {
  const { userCode, verificationUri, verificationUriComplete, message, expiresOn } = info;
  lines.push(userCode, verificationUri, verificationUriComplete ?? "none", message);
  return expiresOn.getTime();
};

const theirs: DeviceCodeCredentialOptions = {
  authorityHost: AzureAuthorityHosts.AzureGovernment,
  userPromptCallback: prompt,
  tokenCachePersistenceOptions: persistence,
  loggingOptions: { enableUnsafeSupportLogging: true },
  logger: { info: (line) => lines.push(line), verbose: (line) => lines.push(line) },
};

export async function use(fields: AuthenticationRecordFields): Promise<void> {
  for (const credential of [
    new DeviceCodeCredential(),
    new DeviceCodeCredential(ours),
    new DeviceCodeCredential("client"),
    new DeviceCodeCredential("client", theirs),
    new DeviceCodeCredential({ authenticationRecord: fields }),
    new DeviceCodeCredential({ authenticationRecord: new AuthenticationRecord(fields) }),
  ]) {
    await getTokens(credential);
    await authenticate(credential);
    await credential.removeAccount();
    credential.close();
  }
}

async function getTokens(credential: DeviceCodeCredential): Promise<AccessToken[]> {
  const options: GetTokenOptions = { claims: "{}", tenantId: "contoso.com", enableCae: true };
  const tokens = [
    await credential.getToken("a"),
    await credential.getToken(["a", "b"]),
    await credential.getToken("a", "b"),
    await credential.getToken("a", "b", "c"),
    await credential.getToken("a", options),
    await credential.getToken(["a"], options),
    await credential.getToken("a", "b", options),
    await credential.getToken("a", undefined),
  ];
  for (const { token, expiresOnTimestamp, refreshAfterTimestamp, tokenType } of tokens) {
    const bearer: "Bearer" = tokenType;
    const renewal: number = refreshAfterTimestamp ?? expiresOnTimestamp;
    lines.push(token, bearer, renewal.toFixed());
  }
  return tokens;
}

async function authenticate(credential: DeviceCodeCredential): Promise<void> {
  const options: AuthenticateOptions = { scopes: ["a"] as const, claims: "{}", enableCae: false };
  const records: AuthenticationRecord[] = [
    await credential.authenticate(),
    await credential.authenticate(options),
    await credential.authenticate({ scopes: "a" }),
    await credential.authenticate("a"),
    await credential.authenticate(["a"], { tenantId: "contoso.com" }),
  ];
  for (const record of records) {
    const { authority, clientId, homeAccountId, tenantId, username } = record;
    lines.push(authority, clientId, homeAccountId, tenantId, username);
    const back: AuthenticationRecord = AuthenticationRecord.deserialize(record.serialize());
    deserializeAuthenticationRecord(serializeAuthenticationRecord(back));
  }
}

export function hosts(): string[] {
  const government: "login.microsoftonline.us" = AzureAuthorityHosts.AZURE_GOVERNMENT;
  return [government, ...Object.values(AzureAuthorityHosts)];
}
