/** Closed at the end of a block. */

import { DeviceCodeCredential } from "entra-device-code";

export async function once(): Promise<string> {
  await using credential = new DeviceCodeCredential();
  using other = new DeviceCodeCredential();
  return (await credential.getToken("a")).token + (await other.getToken("a")).token;
}
