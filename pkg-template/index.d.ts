/// <reference lib="esnext.disposable" />
/**
 * Sign a user in to Microsoft Entra ID with a code typed on another device (RFC 8628).
 *
 * @example
 * ```js
 * import { DeviceCodeCredential } from "entra-device-code";
 *
 * const credential = new DeviceCodeCredential({ tenantId: "contoso.com" });
 * const { token } = await credential.getToken("https://graph.microsoft.com/.default");
 * ```
 * @module
 */

/** An access token. */
export interface AccessToken {
  /** The token, for the `Authorization: Bearer` header. */
  token: string;
  /** When it expires, in milliseconds since the Unix epoch. */
  expiresOnTimestamp: number;
  /** When the service would like it to be renewed, in milliseconds since the Unix epoch. */
  refreshAfterTimestamp?: number;
  /** How it is to be used. */
  tokenType: "Bearer";
}

/** What `userPromptCallback` gets: what to tell the user. */
export interface DeviceCodeInfo {
  /** The code the user must enter. */
  userCode: string;
  /** The URL the user must visit. */
  verificationUri: string;
  /** The same URL with the code filled in, for a QR code. Microsoft Entra ID does not send it. */
  verificationUriComplete?: string;
  /** A sentence that says both. */
  message: string;
  /** When the code expires. */
  expiresOn: Date;
}

/** Shows the user where to go and what to enter, as `@azure/identity` has it. */
export type DeviceCodePromptCallback = (deviceCodeInfo: DeviceCodeInfo) => unknown;

/** An abort signal. `AbortSignal` is one, and so is the `AbortSignalLike` of Azure's packages. */
export interface AbortSignalLike {
  /** Whether it has been aborted. */
  readonly aborted: boolean;
  /** Calls back when it is aborted. */
  addEventListener(
    type: "abort",
    listener: (this: AbortSignalLike, ev: any) => any,
    options?: any,
  ): void;
  /** Calls back no more. */
  removeEventListener(
    type: "abort",
    listener: (this: AbortSignalLike, ev: any) => any,
    options?: any,
  ): void;
}

/** Options of `getToken`. */
export interface GetTokenOptions {
  /** A claims challenge: the JSON with which a resource said what its token must carry. */
  claims?: string | undefined;
  /** The tenant to get a token for, if it is not the credential's own; see `additionallyAllowedTenants`. */
  tenantId?: string | undefined;
  /**
   * Ask for a token that supports Continuous Access Evaluation: it lives longer, and resources may demand another with a
   * claims challenge. Such tokens have a cache of their own; the user signs in once for both kinds.
   */
  enableCae?: boolean | undefined;
  /** Gives up. The call rejects with the signal's reason; a sign-in that others wait for goes on. */
  abortSignal?: AbortSignalLike | undefined;
  /** The same as `abortSignal`. */
  signal?: AbortSignalLike | undefined;
  /** Accepted from Azure's clients, and not used: see `requestTimeout`. */
  requestOptions?: { timeout?: number | undefined } | undefined;
  /** Accepted from Azure's clients, and not used. */
  tracingOptions?: object | undefined;
}

/** Whatever gets tokens for an Azure SDK client, as `@azure/core-auth` has it. */
export interface TokenCredential {
  /** Gets an access token, or nothing if there is none to be had. */
  getToken(
    scopes: string | string[],
    options?: GetTokenOptions,
  ): Promise<(Omit<AccessToken, "tokenType"> & { tokenType?: "Bearer" | "pop" }) | null>;
}

/** Options of `authenticate`. */
export interface AuthenticateOptions extends GetTokenOptions {
  /**
   * What to ask the user's consent for. By default, Azure Resource Manager of the configured cloud.
   */
  scopes?: string | readonly string[] | undefined;
}

/** How failed requests besides polls are repeated: on network errors and the statuses 408, 429 and 5xx. */
export interface RetryOptions {
  /** How often at most. Default: 3. */
  maxRetries?: number | undefined;
  /** How long to wait before the first repetition, in milliseconds; twice that before the second. Default: 800. */
  retryDelayInMs?: number | undefined;
  /**
   * The longest such wait, in milliseconds. Default: 64 000. A server's `Retry-After` is honoured beyond it, up to a minute:
   * a call whose server asks for more fails at once, and says for how long it was asked.
   */
  maxRetryDelayInMs?: number | undefined;
}

/** How important a log line is. */
export type LogLevel = "warning" | "info" | "verbose";

/**
 * Where log lines go: a function, or an object such as `console` or a logger of `@azure/logger`. No line holds a token. A
 * warning names accounts if somebody else signs in than the `authenticationRecord` says.
 */
export type Logger =
  | ((level: LogLevel, message: string) => void)
  | {
      warning?: (message: string) => void;
      warn?: (message: string) => void;
      info?: (message: string) => void;
      verbose?: (message: string) => void;
      debug?: (message: string) => void;
    };

/** What a cache plugin gets. It is MSAL's `TokenCacheContext`. */
export interface TokenCacheContext {
  /** Whether the cache has changed and is to be written. */
  readonly cacheHasChanged: boolean;
  /** The cache. */
  readonly tokenCache: {
    /** Takes over what was stored. */
    deserialize(cache: string): void;
    /** Gives what is to be stored. It holds tokens: protect it. */
    serialize(): string;
    /**
     * The rows of the cache under their keys, as msal-common has them. Once the cache has changed, the accounts among them
     * are those it is about, as MSAL's `DistributedCachePlugin` expects. They hold tokens.
     */
    getKVStore(): Record<string, any>;
  };
}

/**
 * Stores a token cache somewhere. Plugins written for MSAL's `ICachePlugin` work. One that takes no lock from reading to
 * writing loses nothing either: what others overwrite meanwhile is written again.
 */
export interface CachePlugin {
  /** Reads what is stored into the context; may take a lock. */
  beforeCacheAccess(context: any): Promise<void>;
  /** Writes the context's cache if it has changed; releases the lock. */
  afterCacheAccess(context: any): Promise<void>;
}

/**
 * Stores texts under keys, at once or by promise: the web's `localStorage` is one, and so is what `unstorage` creates. For
 * Cloudflare, see `entra-device-code/cloudflare`.
 */
export interface TokenStorage {
  /** The text under a key; `null` or `undefined` if there is none. JSON may come parsed. */
  getItem(key: string): unknown;
  /** Keeps a text. */
  setItem(key: string, value: string): unknown;
  /** Keeps nothing under a key any more. */
  removeItem(key: string): unknown;
}

/** A `CryptoKey`, for runtimes whose types have none. */
export interface CryptoKeyLike {
  /** `secret`. */
  readonly type: string;
  /** `AES-GCM`, with a length of 256. */
  readonly algorithm: { readonly name: string };
  /** Both `encrypt` and `decrypt`. */
  readonly usages: readonly string[];
}

/**
 * Where tokens are kept so that they outlive the process: in a file, unless `storage` or `cachePlugin` is given. Files are for
 * Node, Deno and Bun.
 */
export interface CachePersistenceOptions {
  /**
   * The name of the cache: of its file in `~/.IdentityService`, before `.nocae` or `.cae`, or of its items in a `storage`.
   * At most 200 bytes. Default: `msal.cache`.
   */
  name?: string | undefined;
  /**
   * Write tokens where others may read them, if there is nothing to encrypt them with. Default: false, fail instead. Beside an
   * `encryptionKey`: read what is not encrypted yet, and encrypt it when it is next written.
   */
  allowUnencryptedStorage?: boolean | undefined;
  /** The same as `allowUnencryptedStorage`, as `@azure/identity` has it. */
  unsafeAllowUnencryptedStorage?: boolean | undefined;
  /**
   * Encrypts what is stored: 32 random bytes, or a `CryptoKey` for AES-GCM of 256 bits. Each item is then a JWE (RFC 7516)
   * with `alg` `dir` and `enc` `A256GCM`, bound to its key in the storage. Of a list, the first encrypts, and all of them open.
   * What is not encrypted then counts as unreadable, unless `allowUnencryptedStorage` is given too. Default: for files, a key in
   * the system's keyring.
   */
  encryptionKey?: Uint8Array | CryptoKeyLike | readonly (Uint8Array | CryptoKeyLike)[] | undefined;
  /** Keeps the tokens. It needs an `encryptionKey`, or `allowUnencryptedStorage`. */
  storage?: TokenStorage | undefined;
  /**
   * Whether a `storage` keeps each account in an item of its own, under the name of the cache, `.nocae` or `.cae`, a dot and the
   * home account id as `encodeURIComponent` writes it. Else one item holds them all. Default: true.
   */
  partitioned?: boolean | undefined;
  /** Keeps the tokens of sessions without Continuous Access Evaluation. */
  cachePlugin?: CachePlugin | undefined;
  /** Keeps those with it. They must be kept apart; without this, they stay in memory. */
  cachePluginCae?: CachePlugin | undefined;
  /** `false` keeps the tokens in memory, as it does for `@azure/identity`. Default: true. */
  enabled?: boolean | undefined;
}

/** Options of the credential. The names of `azure.identity` for Python, in camel case, and those of `@azure/identity`. */
export interface DeviceCodeCredentialOptions {
  /**
   * The application users sign in to. Its registration must allow public client flows. Default: the record's, else Azure's
   * development tools, which is not recommended in production.
   */
  clientId?: string | undefined;
  /**
   * The host to sign in at. Default: the record's, else the environment's `AZURE_AUTHORITY_HOST`, else
   * `login.microsoftonline.com`.
   */
  authority?: string | undefined;
  /** The same as `authority`. */
  authorityHost?: string | undefined;
  /**
   * The tenant: its id or a domain. Default: the record's, else `organizations`, which admits any work or school account. Clients
   * of the Azure SDK may name the tenant of a resource by its id: then a domain counts as another tenant.
   */
  tenantId?: string | undefined;
  /** How long to wait for the user, in seconds. Default: as long as the code lives, which prevails if it is shorter. */
  timeout?: number | undefined;
  /**
   * Shows the user where to go and what to enter. Default: prints the service's message with `console.log`. It is not
   * waited for; if it throws or rejects, the sign-in fails.
   */
  promptCallback?:
    | ((verificationUri: string, userCode: string, expiresOn: Date) => unknown)
    | undefined;
  /** The same with one argument, as `@azure/identity` has it. */
  userPromptCallback?: DeviceCodePromptCallback | undefined;
  /** Who signed in earlier: what `authenticate` returned, or an object with the same fields. */
  authenticationRecord?: AuthenticationRecordFields | undefined;
  /**
   * Without an `authenticationRecord`, use the account that is signed in to the store. If there are several, `getToken`
   * rejects with `CredentialUnavailableError`; if there is none, the user signs in. Needs `cachePersistenceOptions` that keep
   * all accounts in one place, as all do but a partitioned `storage`. Default: false.
   */
  useStoredAccount?: boolean | undefined;
  /** Never prompt from `getToken`: reject with `AuthenticationRequiredError` instead. Default: false. */
  disableAutomaticAuthentication?: boolean | undefined;
  /** Keeps tokens beyond the life of the process. Default: they are kept in memory. */
  cachePersistenceOptions?: CachePersistenceOptions | undefined;
  /** The same as `cachePersistenceOptions`. */
  tokenCachePersistenceOptions?: CachePersistenceOptions | undefined;
  /**
   * Don't ask Microsoft whether it knows the authority; for private clouds. Make sure that the authority is to be trusted.
   * Default: false.
   */
  disableInstanceDiscovery?: boolean | undefined;
  /**
   * Where another OpenID provider than Microsoft's publishes its metadata: an https URL, which most providers end with
   * `/.well-known/openid-configuration`. It takes the place of `authority` and `tenantId`, and neither the environment nor a record
   * says otherwise. Microsoft is not asked about it, and a `tenantId` of a call means nothing. Microsoft's own hosts need it not.
   * Everyone who shares a cache or a device flow must give the same URL, to the letter. Default: that of `tenantId` at `authority`.
   */
  metadataUrl?: string | undefined;
  /**
   * Which of these scopes are not sent beside those of a call, for providers that refuse what they don't know, as MSAL for Python
   * has it. Without `offline_access`, a provider may give no refresh token; without `openid`, it doesn't say who signed in. A call
   * that asks for one of them sends it. Default: none, so all three are sent.
   */
  excludeScopes?: readonly ("offline_access" | "openid" | "profile")[] | undefined;
  /**
   * Log more, to `logger` or else to `console.debug`: each request with its method, address, status or OAuth error, time and
   * correlation id, the waits between, and why calls fail. The lines may name accounts, and hold no secret. Default: false.
   */
  enableSupportLogging?: boolean | undefined;
  /** `enableUnsafeSupportLogging` is the same as `enableSupportLogging`. */
  loggingOptions?:
    | {
        enableUnsafeSupportLogging?: boolean | undefined;
        allowLoggingAccountIdentifiers?: boolean | undefined;
      }
    | undefined;
  /** Other tenants that `getToken` may name; `*` is any. */
  additionallyAllowedTenants?: readonly string[] | undefined;
  /**
   * Sends the requests, for a proxy or a test; resolves to a `Response`, as the web's `fetch` does. Default: the host's `fetch`,
   * looked up at each request.
   */
  fetch?: ((url: string, init: any) => Promise<any>) | undefined;
  /** How failed requests are repeated. */
  retryOptions?: RetryOptions | undefined;
  /** How long one request may take, in milliseconds. Default: 30 000. */
  requestTimeout?: number | undefined;
  /** Where log lines go. */
  logger?: Logger | undefined;
}

/**
 * Signs a user in with a code that is typed on another device, and gets access tokens.
 *
 * It is a `TokenCredential` of `@azure/core-auth`, so every Azure SDK client takes it. One credential serves concurrent
 * callers: however many there are, the user sees one code at a time.
 */
export declare class DeviceCodeCredential {
  /**
   * Checks the options; nothing is sent.
   *
   * @throws TypeError that names the option that is wrong
   */
  constructor(options?: DeviceCodeCredentialOptions);
  /** The same, with the client id first, as Python has it. */
  constructor(clientId: string, options?: DeviceCodeCredentialOptions);

  /**
   * Gets an access token: from the cache, or silently with a refresh token, or by signing the user in.
   *
   * @param scopes what the token is for, such as `https://graph.microsoft.com/.default`
   * @throws TypeError if an argument is wrong; nothing is sent then
   * @throws AuthenticationRequiredError if the user must sign in and `disableAutomaticAuthentication` is set
   * @throws CredentialUnavailableError if the credential is closed, or `useStoredAccount` finds several
   * @throws AuthenticationError if authentication failed
   */
  getToken(scopes: string | readonly string[], options?: GetTokenOptions): Promise<AccessToken>;
  /** Gets an access token for several scopes. */
  getToken(
    ...scopesAndOptions: [string, ...string[], GetTokenOptions | undefined]
  ): Promise<AccessToken>;
  /** Gets an access token for several scopes. */
  getToken(...scopes: [string, string, ...string[]]): Promise<AccessToken>;

  /**
   * Signs a user in. This always challenges the user.
   *
   * @returns who signed in, to be stored and given to a later credential as `authenticationRecord`
   * @throws CredentialUnavailableError if the authority's default scope is not known and none is given
   * @throws AuthenticationError if authentication failed
   */
  authenticate(options?: AuthenticateOptions): Promise<AuthenticationRecord>;
  /** Signs a user in, for these scopes. */
  authenticate(
    scopes: string | readonly string[],
    options?: GetTokenOptions,
  ): Promise<AuthenticationRecord>;

  /**
   * Begins a sign-in that somebody goes on with later: in another process, on another machine, in another runtime. Show
   * the user `message`, or `verificationUri` and `userCode`, and give what this resolves to, as it is, to
   * `acquireTokenByDeviceFlow`.
   *
   * @param scopes what the token is for
   * @throws TypeError if an argument is wrong; nothing is sent then
   * @throws AuthenticationError if the service refuses
   */
  initiateDeviceFlow(
    scopes: string | readonly string[],
    options?: GetTokenOptions,
  ): Promise<DeviceFlow>;
  /** Begins a sign-in for several scopes. */
  initiateDeviceFlow(
    ...scopesAndOptions: [string, ...string[], GetTokenOptions | undefined]
  ): Promise<DeviceFlow>;
  /** Begins a sign-in for several scopes. */
  initiateDeviceFlow(...scopes: [string, string, ...string[]]): Promise<DeviceFlow>;

  /**
   * Goes on with a sign-in until the user has signed in or the code expires. The credential must be for the same
   * application, authority and tenant, or provider, as the one that began it. Its tokens are then in the credential's cache, and stored
   * if that is.
   *
   * @throws TypeError if the flow was changed, or is another credential's; nothing is sent then
   * @throws AuthenticationError if the user declined, or the code has expired
   */
  acquireTokenByDeviceFlow(
    flow: DeviceFlow,
    options?: AcquireTokenByDeviceFlowOptions & { once?: false },
  ): Promise<DeviceFlowSucceeded>;
  /**
   * Polls once. Good where nothing may wait: call it again, with the flow of the answer, when `retryAfter` is over.
   *
   * @throws TypeError if the flow was changed, or is another credential's; nothing is sent then
   * @throws AuthenticationError if the user declined, or the code has expired
   */
  acquireTokenByDeviceFlow(
    flow: DeviceFlow,
    options?: AcquireTokenByDeviceFlowOptions,
  ): Promise<DeviceFlowSucceeded | DeviceFlowPending>;

  /**
   * The accounts whose sign-ins the cache keeps and this credential can use silently. Give one as `authenticationRecord`
   * to another credential. A `storage` that is partitioned has no list of its items: from there come those this credential
   * knows.
   */
  getAccounts(): Promise<AuthenticationRecord[]>;

  /**
   * Signs out: forgets an account and its tokens in every cache the credential uses.
   *
   * @param record whom, one of those that `getAccounts` resolves to; by default the credential's own account, or the only
   *   one that is signed in. At a partitioned `storage`, it must be given where the credential has no account of its own: no
   *   `authenticationRecord`, and nobody has signed in with it.
   * @returns the accounts that were forgotten
   * @throws CredentialUnavailableError if it is not given and several accounts are signed in, or nobody can tell who is; nothing is
   *   forgotten then
   * @throws AuthenticationError if it finds nobody, and the store could not be read, or it could not be written
   */
  removeAccount(record?: AuthenticationRecordFields | null): Promise<AuthenticationRecord[]>;

  /** Ends every call, now and later, with `CredentialUnavailableError`. */
  close(): void;
  /** Closes the credential at the end of a `using` block. */
  [Symbol.dispose](): void;
  /** Closes the credential at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A sign-in that waits for its user, as a plain object: store it as JSON. It holds a secret, the device code: who has it can
 * get the user's token.
 */
export interface DeviceFlow {
  /** The code the user must enter. */
  readonly userCode: string;
  /** The URL the user must visit. */
  readonly verificationUri: string;
  /** The same URL with the code filled in, for a QR code. Microsoft Entra ID does not send it. */
  readonly verificationUriComplete?: string;
  /** A sentence for the user that says both. */
  readonly message: string;
  /** When the flow ends, in milliseconds since the Unix epoch: with the code, or with the credential's `timeout`. */
  readonly expiresOnTimestamp: number;
  /** How long to wait between polls, in seconds (RFC 8628 §3.2). */
  readonly interval: number;
  /** When the next poll is due, in milliseconds since the Unix epoch. */
  readonly pollAfterTimestamp: number;
  /** What the application polls with. Secret. */
  readonly deviceCode: string;
  /** The application the user signs in to. */
  readonly clientId: string;
  /** Where. */
  readonly authority: string;
  /** In which tenant. */
  readonly tenantId: string;
  /** What the token is for. */
  readonly scopes: readonly string[];
  /** The tenant the call named. */
  readonly requestedTenantId?: string;
  /** The claims the call named. */
  readonly claims?: string;
  /** Whether the call asked for Continuous Access Evaluation. */
  readonly enableCae: boolean;
  /** The `client-request-id` of its requests. */
  readonly correlationId: string;
  /** How long to wait before the next poll, in seconds, if that is longer than the interval. */
  readonly backoff?: number;
  /** The version of this form. */
  readonly version: string;
  /** By which a change to any of this is found. */
  readonly integrity: string;
}

/** Options of `acquireTokenByDeviceFlow`. */
export interface AcquireTokenByDeviceFlowOptions {
  /** Poll once, at once, and tell how that went. Default: false, go on to the end. */
  once?: boolean | undefined;
  /** Gives up. The call rejects with the signal's reason; the flow is good until it expires. */
  abortSignal?: AbortSignalLike | undefined;
  /** The same as `abortSignal`. */
  signal?: AbortSignalLike | undefined;
}

/** The user has signed in: the access token, and who it was. */
export interface DeviceFlowSucceeded extends AccessToken {
  /** How it went. */
  status: "succeeded";
  /** Who signed in; not there if the service sent no usable id token. */
  authenticationRecord?: AuthenticationRecord;
}

/** The user has not signed in yet. */
export interface DeviceFlowPending {
  /** How it went. */
  status: "pending";
  /** The flow to go on with, in place of the one before. */
  flow: DeviceFlow;
  /** How long to wait until the next poll, in milliseconds. */
  retryAfter: number;
}

/** What a serialized record holds. */
export interface AuthenticationRecordFields {
  /** The host that issued the token. */
  readonly authority: string;
  /** The application the user signed in to. */
  readonly clientId: string;
  /** The account's unique identifier. */
  readonly homeAccountId: string;
  /** The tenant that issued the token, not necessarily the user's home tenant. */
  readonly tenantId: string;
  /** The user principal name; where the service tells none, the email address, the name, or an id. */
  readonly username: string;
}

/** Non-secret information about an account that signed in. Python and `@azure/identity` read its serialized form. */
export declare class AuthenticationRecord implements AuthenticationRecordFields {
  /**
   * Takes the fields over.
   *
   * @throws TypeError if one is missing or is no string
   */
  constructor(fields: AuthenticationRecordFields);
  /** The host that issued the token. */
  readonly authority: string;
  /** The application the user signed in to. */
  readonly clientId: string;
  /** The account's unique identifier. */
  readonly homeAccountId: string;
  /** The tenant that issued the token, not necessarily the user's home tenant. */
  readonly tenantId: string;
  /** The user principal name. */
  readonly username: string;
  /** As JSON, version 1.0. */
  serialize(): string;
  /**
   * Reads what `serialize` wrote, here or elsewhere.
   *
   * @throws TypeError if the text is no record, or one of an unknown version
   */
  static deserialize(serialized: string): AuthenticationRecord;
}

/** The same as `record.serialize()`, as `@azure/identity` has it. */
export declare function serializeAuthenticationRecord(record: AuthenticationRecordFields): string;
/** The same as `AuthenticationRecord.deserialize`, as `@azure/identity` has it. */
export declare function deserializeAuthenticationRecord(serialized: string): AuthenticationRecord;

/**
 * What a resource that answered 401 wants of the token, for the `claims` of `getToken`: the claims of its challenge, as JSON.
 * For programs that call `fetch` themselves; Azure's clients do it by themselves.
 *
 * @param challenge a `Response`, or the text of its `WWW-Authenticate` header
 * @returns `undefined` if there is no claims challenge
 * @throws TypeError if it is neither
 */
export declare function parseClaimsChallenge(
  challenge: { readonly headers: { get(name: string): unknown } } | string | null | undefined,
): string | undefined;

/**
 * Does nothing. Programs for `@azure/identity` call it with `cachePersistencePlugin`, without which that package keeps no
 * tokens; this one does, see `cachePersistenceOptions`.
 */
export declare function useIdentityPlugin(plugin: unknown): void;

/** The hosts of Microsoft's clouds. */
export declare const AzureAuthorityHosts: {
  readonly AzureChina: "https://login.chinacloudapi.cn";
  readonly AzureGermany: "https://login.microsoftonline.de";
  readonly AzureGovernment: "https://login.microsoftonline.us";
  readonly AzurePublicCloud: "https://login.microsoftonline.com";
  readonly AZURE_CHINA: "login.chinacloudapi.cn";
  readonly AZURE_GOVERNMENT: "login.microsoftonline.us";
  readonly AZURE_PUBLIC_CLOUD: "login.microsoftonline.com";
};

/** The server's error reply (RFC 6749 §5.2), with what Microsoft Entra adds. */
export interface ErrorResponse {
  /** The error's code, such as `invalid_grant`. */
  error: string;
  /** What it says to people. */
  errorDescription?: string;
  /** The AADSTS numbers. */
  errorCodes?: number[];
  /** When it happened, as the server writes it. */
  timestamp?: string;
  /** Identifies the request to Microsoft's support. */
  traceId?: string;
  /** The `client-request-id` of the request. */
  correlationId?: string;
}

/** What an error knows besides its message. */
export interface AuthenticationErrorDetails {
  /** The HTTP status of the reply that ended it. */
  statusCode?: number | undefined;
  /** The server's error reply. */
  errorResponse?: ErrorResponse | undefined;
  /** What to do about it. */
  hint?: string | undefined;
  /** What the host threw. */
  cause?: unknown;
}

/** The `name` of `AuthenticationError`. */
export declare const AuthenticationErrorName = "AuthenticationError";
/** The `name` of `CredentialUnavailableError`. */
export declare const CredentialUnavailableErrorName = "CredentialUnavailableError";

/** Authentication failed. Its `name` is `AuthenticationError`, which users of `@azure/identity` match. */
export declare class AuthenticationError extends Error {
  /** With what is known of it. */
  constructor(message?: string, details?: AuthenticationErrorDetails);
  /** From a reply, as `@azure/identity` has it. */
  constructor(
    statusCode: number,
    errorBody: object | string | undefined | null,
    options?: { cause?: unknown },
  );
  /** The HTTP status of the reply that ended it. */
  readonly statusCode?: number;
  /** The server's error reply. */
  readonly errorResponse?: ErrorResponse;
  /** One sentence on what to do about it, for the errors people meet most. */
  readonly hint?: string;
  /** What the host threw: an exception of `fetch`, or of the prompt callback. */
  readonly cause?: unknown;
}

/** Python's name of `AuthenticationError`: the same class. */
export { AuthenticationError as ClientAuthenticationError };

/** The credential did not attempt to authenticate, because required data or state is unavailable. */
export declare class CredentialUnavailableError extends AuthenticationError {
  /** With what is known of it. */
  constructor(message?: string, details?: AuthenticationErrorDetails);
}

/** The user must interact, and the credential was told not to begin that by itself: call `authenticate`. */
export declare class AuthenticationRequiredError extends CredentialUnavailableError {
  /** With what to pass to `authenticate`. */
  constructor(
    options: AuthenticationErrorDetails & {
      message?: string;
      scopes: string[];
      claims?: string;
      getTokenOptions?: GetTokenOptions;
    },
  );
  /** The scopes of the call. */
  readonly scopes: string[];
  /** The claims of the call. */
  readonly claims?: string;
  /** The options of the call, for `authenticate`. */
  readonly getTokenOptions?: GetTokenOptions;
}
