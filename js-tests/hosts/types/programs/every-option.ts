/** Every option, in both spellings, and every method in every form. */

import {
  type AccessToken,
  type AcquireTokenByDeviceFlowOptions,
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
  type DeviceFlow,
  type DeviceFlowPending,
  type DeviceFlowSucceeded,
  deserializeAuthenticationRecord,
  type GetTokenOptions,
  type Logger,
  type LogLevel,
  type RetryOptions,
  serializeAuthenticationRecord,
  type TokenCacheContext,
  type TokenStorage,
} from "entra-device-code";

const plugin: CachePlugin = {
  async beforeCacheAccess({ tokenCache }: TokenCacheContext) {
    tokenCache.deserialize("{}");
  },
  async afterCacheAccess({ tokenCache, cacheHasChanged }: TokenCacheContext) {
    const text: string = cacheHasChanged ? tokenCache.serialize() : "";
    for (const { homeAccountId } of Object.values(tokenCache.getKVStore()))
      lines.push(homeAccountId);
    if (text === "") return;
  },
};

const retryOptions: RetryOptions = { maxRetries: 1, retryDelayInMs: 2, maxRetryDelayInMs: 3 };
const persistence: CachePersistenceOptions = { cachePlugin: plugin, cachePluginCae: plugin };
const items = new Map<string, string>();
const storage: TokenStorage = {
  getItem: async (key) => items.get(key) ?? null,
  setItem: (key, value) => items.set(key, value),
  removeItem: async (key) => items.delete(key),
};
const encryptionKey = new Uint8Array(32);
const places: CachePersistenceOptions[] = [
  {},
  { name: "app" },
  { name: "app", allowUnencryptedStorage: true },
  { encryptionKey },
  { encryptionKey: [encryptionKey, encryptionKey] },
  { storage, encryptionKey },
  { storage, encryptionKey, name: "app", partitioned: false },
  { storage, allowUnencryptedStorage: true },
  { enabled: true, name: "app", unsafeAllowUnencryptedStorage: true },
  { enabled: false },
];
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
  useStoredAccount: false,
  enableSupportLogging: true,
  additionallyAllowedTenants: ["*"] as const,
  excludeScopes: ["offline_access", "profile", "openid"] as const,
  retryOptions,
  requestTimeout: 5000,
  logger,
};

const prompt: DeviceCodePromptCallback = async (info: DeviceCodeInfo) => {
  const { userCode, verificationUri, verificationUriComplete, message, expiresOn } = info;
  lines.push(userCode, verificationUri, verificationUriComplete ?? "none", message);
  return expiresOn.getTime();
};

const elsewhere: DeviceCodeCredentialOptions = {
  clientId: "client",
  metadataUrl: "https://id.contoso.com/.well-known/openid-configuration",
  excludeScopes: ["offline_access"],
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
    new DeviceCodeCredential(elsewhere),
    ...places.map((place) => new DeviceCodeCredential({ cachePersistenceOptions: place })),
    new DeviceCodeCredential({ tokenCachePersistenceOptions: { enabled: true } }),
    new DeviceCodeCredential({ authenticationRecord: fields }),
    new DeviceCodeCredential({ authenticationRecord: new AuthenticationRecord(fields) }),
  ]) {
    await getTokens(credential);
    await authenticate(credential);
    for (const flow of await begin(credential)) await goOn(credential, flow);
    const accounts: AuthenticationRecord[] = await credential.getAccounts();
    for (const authenticationRecord of accounts) new DeviceCodeCredential({ authenticationRecord });
    const removed: AuthenticationRecord[] = await credential.removeAccount();
    for (const account of accounts) removed.push(...(await credential.removeAccount(account)));
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

async function begin(credential: DeviceCodeCredential): Promise<DeviceFlow[]> {
  const options: GetTokenOptions = { claims: "{}", tenantId: "contoso.com", enableCae: true };
  const flows = [
    await credential.initiateDeviceFlow("a"),
    await credential.initiateDeviceFlow(["a", "b"]),
    await credential.initiateDeviceFlow("a", "b"),
    await credential.initiateDeviceFlow("a", options),
    await credential.initiateDeviceFlow(["a"], options),
    await credential.initiateDeviceFlow("a", "b", options),
    await credential.initiateDeviceFlow("a", undefined),
  ];
  for (const flow of flows) {
    const { userCode, verificationUri, verificationUriComplete, message } = flow;
    lines.push(userCode, verificationUri, verificationUriComplete ?? "none", message);
    const { deviceCode, clientId, authority, tenantId, scopes, version } = flow;
    lines.push(deviceCode, clientId, authority, tenantId, ...scopes, version);
    const { expiresOnTimestamp, pollAfterTimestamp, interval } = flow;
    lines.push((expiresOnTimestamp - pollAfterTimestamp + interval * 1000).toFixed());
    // What has no name here is there all the same.
    const { integrity } = flow;
    const unknown: unknown = integrity;
    lines.push(String(unknown));
  }
  return flows;
}

async function goOn(credential: DeviceCodeCredential, flow: DeviceFlow): Promise<AccessToken[]> {
  const options: AcquireTokenByDeviceFlowOptions = { once: lines.length > 7 };
  const stored: DeviceFlow = JSON.parse(JSON.stringify(flow));
  const finished: DeviceFlowSucceeded[] = [
    await credential.acquireTokenByDeviceFlow(flow),
    await credential.acquireTokenByDeviceFlow(stored, {}),
    await credential.acquireTokenByDeviceFlow({ ...stored }, undefined),
    await credential.acquireTokenByDeviceFlow(flow, { once: false }),
  ];
  for (const { status, token, tokenType, authenticationRecord } of finished) {
    const succeeded: "succeeded" = status;
    const bearer: "Bearer" = tokenType;
    const record: AuthenticationRecord | undefined = authenticationRecord;
    lines.push(succeeded, token, bearer, record?.username ?? "nobody");
  }
  const answers: (DeviceFlowSucceeded | DeviceFlowPending)[] = [
    await credential.acquireTokenByDeviceFlow(flow, { once: true }),
    await credential.acquireTokenByDeviceFlow(flow, options),
  ];
  for (const answer of answers) {
    if (answer.status === "pending") {
      const next: DeviceFlow = answer.flow;
      const wait: number = answer.retryAfter;
      lines.push(next.message, wait.toFixed());
    } else {
      finished.push(answer);
    }
  }
  return finished;
}

export function hosts(): string[] {
  const government: "login.microsoftonline.us" = AzureAuthorityHosts.AZURE_GOVERNMENT;
  return [government, ...Object.values(AzureAuthorityHosts)];
}
