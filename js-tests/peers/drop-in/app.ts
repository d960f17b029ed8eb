/** An app written for `@azure/identity`. To use this package, nothing changes but the import. */

import {
  type AuthenticationRecord,
  AuthenticationRequiredError,
  AzureAuthorityHosts,
  DeviceCodeCredential,
  type DeviceCodeCredentialOptions,
  type DeviceCodeInfo,
  type DeviceCodePromptCallback,
  deserializeAuthenticationRecord,
  serializeAuthenticationRecord,
  type TokenCredential,
} from "@azure/identity";

/** Where to sign in: the test's, in place of the app's own settings. */
export interface Settings {
  authorityHost: string;
  tenantId: string;
}

const CLIENT_ID = "7b0d2d6e-58f5-4f3b-8f7a-2f0c1d0f3a55";
const GRAPH = "https://graph.microsoft.com/.default";
const ARM = "https://management.azure.com/.default";

/** Signs in, gets tokens, remembers who it was. Returns what it noticed, in order. */
export async function signIn(settings: Settings): Promise<unknown[]> {
  const noticed: unknown[] = [];
  const userPromptCallback: DeviceCodePromptCallback = (info: DeviceCodeInfo) => {
    const { userCode, verificationUri, message } = info;
    noticed.push(["prompt", verificationUri, userCode.length, message.includes(userCode)]);
  };
  const options: DeviceCodeCredentialOptions = {
    ...settings,
    clientId: CLIENT_ID,
    disableInstanceDiscovery: true,
    additionallyAllowedTenants: ["*"],
    retryOptions: { maxRetries: 2, retryDelayInMs: 100 },
    loggingOptions: { enableUnsafeSupportLogging: false },
    userPromptCallback,
  };
  const credential = new DeviceCodeCredential(options);

  const record = await credential.authenticate([GRAPH]);
  if (!record) throw new Error("nobody signed in");
  noticed.push(["record", nameOf(record)]);

  const first = await credential.getToken(GRAPH);
  const left = first.expiresOnTimestamp - Date.now();
  noticed.push(["token", first.token.split(".").length, left > 3_000_000 && left < 3_600_000]);
  noticed.push(["cached", (await credential.getToken([GRAPH])).token === first.token]);
  noticed.push(["other scope", (await credential.getToken(ARM)).token !== first.token]);
  const own = await credential.getToken(ARM, { tenantId: settings.tenantId });
  noticed.push(["own tenant", own.token.length > 0]);

  const serialized: string = serializeAuthenticationRecord(record);
  const restored: AuthenticationRecord = deserializeAuthenticationRecord(serialized);
  noticed.push(["restored", nameOf(restored), JSON.parse(serialized).version]);
  return noticed;
}

/** Never prompts by itself, and says what it would need. */
export async function askLater(settings: Settings): Promise<unknown[]> {
  const noticed: unknown[] = [];
  const credential: TokenCredential & Pick<DeviceCodeCredential, "authenticate"> =
    new DeviceCodeCredential({
      ...settings,
      clientId: CLIENT_ID,
      disableInstanceDiscovery: true,
      disableAutomaticAuthentication: true,
      userPromptCallback: () => noticed.push("prompt"),
    });
  try {
    await credential.getToken([GRAPH]);
    noticed.push("a token without the user");
  } catch (error) {
    if (!(error instanceof AuthenticationRequiredError)) throw error;
    noticed.push([error.name, error instanceof Error, error.scopes]);
    await credential.authenticate(error.scopes, error.getTokenOptions);
  }
  noticed.push((await credential.getToken(GRAPH))?.token.split(".").length);
  return noticed;
}

/** The user goes away. */
export async function giveUp(settings: Settings): Promise<unknown[]> {
  const aborter = new AbortController();
  const credential = new DeviceCodeCredential({
    ...settings,
    clientId: CLIENT_ID,
    disableInstanceDiscovery: true,
    userPromptCallback: () => aborter.abort(),
  });
  try {
    const { token } = await credential.getToken(GRAPH, { abortSignal: aborter.signal });
    return [token.length];
  } catch (error) {
    return [error instanceof Error && error.name];
  }
}

export const hosts: string[] = [
  AzureAuthorityHosts.AzurePublicCloud,
  AzureAuthorityHosts.AzureChina,
  AzureAuthorityHosts.AzureGermany,
  AzureAuthorityHosts.AzureGovernment,
];

function nameOf({ username, clientId, homeAccountId }: AuthenticationRecord): unknown[] {
  return [username, clientId, homeAccountId.split(".").length];
}
