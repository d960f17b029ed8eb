/** Every Azure SDK client takes the credential. */

import type { GetTokenOptions, TokenCredential } from "@azure/core-auth";
import type { DeviceCodeCredentialOptions as TheirOptions } from "@azure/identity";
import { DeviceCodeCredential as Theirs } from "@azure/identity";
import {
  type AuthenticationRecordFields,
  DeviceCodeCredential,
  type DeviceCodeCredentialOptions,
  type TokenCredential as OurTokenCredential,
} from "entra-device-code";

const credential: TokenCredential = new DeviceCodeCredential();
const theirs: OurTokenCredential = new Theirs();
const both: OurTokenCredential[] = [credential, theirs];

export class Client {
  constructor(readonly credential: TokenCredential) {}

  async authorize(scopes: string | string[], options: GetTokenOptions): Promise<string> {
    const token = await this.credential.getToken(scopes, options);
    return `${token?.tokenType ?? "Bearer"} ${token?.token}`;
  }
}

export const clients = [new Client(new DeviceCodeCredential()), ...both.map((c) => new Client(c))];

export async function withTheirOptions(options: GetTokenOptions): Promise<string> {
  return (await new DeviceCodeCredential().getToken(["a"], options)).token;
}

/** What both have in common goes to either. */
export const shared = {
  clientId: "client",
  tenantId: "contoso.com",
  authorityHost: "https://login.microsoftonline.com",
  additionallyAllowedTenants: ["*"],
  disableAutomaticAuthentication: true,
  disableInstanceDiscovery: true,
  retryOptions: { maxRetries: 1 },
  loggingOptions: { enableUnsafeSupportLogging: false },
  userPromptCallback: ({ message }: { message: string }) => void message,
} satisfies DeviceCodeCredentialOptions & TheirOptions;

export async function records(): Promise<AuthenticationRecordFields | undefined> {
  const record = await new Theirs(shared).authenticate(["a"]);
  if (record) new DeviceCodeCredential({ authenticationRecord: record });
  return record;
}
