// Lists your Azure subscriptions, and asks you to sign in the first time only:
// node subscriptions.ts [--tenant ID] (Node 22.18 and newer; Bun and Deno run it, too)
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  AuthenticationError,
  AuthenticationRecord,
  AuthenticationRequiredError,
  DeviceCodeCredential,
} from "entra-device-code";

interface Subscription {
  subscriptionId: string;
  displayName: string;
}

const SCOPE = "https://management.azure.com/.default";
const URL = "https://management.azure.com/subscriptions?api-version=2022-12-01";
/** Who signed in; no secret. */
const RECORD = "subscriptions.account.json";

async function readRecord(): Promise<AuthenticationRecord | undefined> {
  const text = await readFile(RECORD, "utf8").catch(() => undefined);
  return text === undefined ? undefined : AuthenticationRecord.deserialize(text);
}

async function getToken(credential: DeviceCodeCredential): Promise<string> {
  try {
    return (await credential.getToken(SCOPE)).token;
  } catch (error) {
    if (!(error instanceof AuthenticationRequiredError)) throw error;
    const record = await credential.authenticate(error.scopes, error.getTokenOptions);
    await writeFile(RECORD, record.serialize());
    return (await credential.getToken(SCOPE)).token;
  }
}

const { values } = parseArgs({ options: { tenant: { type: "string" } } });
const credential = new DeviceCodeCredential({
  tenantId: values.tenant ?? process.env["AZURE_TENANT_ID"],
  authenticationRecord: await readRecord(),
  disableAutomaticAuthentication: true,
  cachePersistenceOptions: { name: "subscriptions", allowUnencryptedStorage: true },
  userPromptCallback: ({ message }) => console.error(message),
});

try {
  const headers = { authorization: `Bearer ${await getToken(credential)}` };
  const response = await fetch(URL, { headers });
  if (!response.ok) throw new Error(`Azure answered ${response.status}`);
  const { value } = (await response.json()) as { value: Subscription[] };
  for (const { subscriptionId, displayName } of value) {
    console.log(`${subscriptionId}  ${displayName}`);
  }
} catch (error) {
  if (!(error instanceof AuthenticationError)) throw error;
  console.error(error.message);
  if (error.hint) console.error(error.hint);
  process.exitCode = 1;
}
