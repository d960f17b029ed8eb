/** What programs pass on: from the environment, from constants, and over the RPC of Workers. */

import { WorkerEntrypoint } from "cloudflare:workers";
import type { Service } from "@cloudflare/workers-types";
import {
  type AuthenticationRecordFields,
  DeviceCodeCredential,
  type DeviceFlow,
  type GetTokenOptions,
} from "entra-device-code";

declare const environment: Record<
  "AZURE_TENANT_ID" | "AZURE_CLIENT_ID" | "CACHE",
  string | undefined
>;

/** A variable may not be set; with `exactOptionalPropertyTypes`, that is another thing than not to name the option. */
export const credential = new DeviceCodeCredential({
  tenantId: environment.AZURE_TENANT_ID,
  clientId: environment.AZURE_CLIENT_ID,
  cachePersistenceOptions: { name: environment.CACHE },
  authenticationRecord: undefined,
});

const SCOPES = ["User.Read", "Mail.Read"] as const;
const options: GetTokenOptions = { tenantId: environment.AZURE_TENANT_ID, claims: undefined };

export const tokens = [
  credential.getToken(SCOPES),
  credential.getToken(SCOPES, options),
  credential.authenticate(SCOPES, options),
  credential.initiateDeviceFlow(SCOPES),
];

/** A Worker that signs users in for others. */
export class SignIns extends WorkerEntrypoint {
  async begin(): Promise<DeviceFlow> {
    return credential.initiateDeviceFlow("User.Read");
  }

  async end(flow: DeviceFlow): Promise<AuthenticationRecordFields | undefined> {
    const { authenticationRecord } = await credential.acquireTokenByDeviceFlow(flow);
    return authenticationRecord && { ...authenticationRecord };
  }
}

export async function signIn(service: Service<SignIns>): Promise<string> {
  const flow = await service.begin();
  const code: string = flow.userCode;
  const record = await service.end(flow);
  const again = new DeviceCodeCredential({ authenticationRecord: record });
  await again.getToken(flow.scopes);
  return `${code} ${record?.username}`;
}
