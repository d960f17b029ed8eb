/** A credential in a chain of `@azure/identity`'s. */

import { DeviceCodeCredential, type TokenCredential } from "@azure/identity";
import type { Settings } from "./app.js";
import { ChainedTokenCredential, FALLBACK } from "./chain-of-theirs.js";

const GRAPH = "https://graph.microsoft.com/.default";

/** What the chain makes of a credential that may not prompt. */
export async function fallThrough(settings: Settings): Promise<string> {
  return tokenOf(new ChainedTokenCredential(create(settings, true), FALLBACK));
}

/** What it makes of one that signs in. */
export async function useFirst(settings: Settings): Promise<string> {
  return tokenOf(new ChainedTokenCredential(create(settings, false), FALLBACK));
}

/** All of them unavailable: `@azure/identity` gathers the errors. */
export async function allUnavailable(settings: Settings): Promise<unknown[]> {
  try {
    return [await tokenOf(new ChainedTokenCredential(create(settings, true)))];
  } catch (error) {
    const { name, errors } = error as { name: string; errors: Error[] };
    return [name, errors.map((each) => each.name)];
  }
}

function create(settings: Settings, disableAutomaticAuthentication: boolean) {
  return new DeviceCodeCredential({
    ...settings,
    disableInstanceDiscovery: true,
    disableAutomaticAuthentication,
    userPromptCallback: () => {},
  });
}

async function tokenOf(credential: TokenCredential): Promise<string> {
  return (await credential.getToken(GRAPH))?.token ?? "none";
}
