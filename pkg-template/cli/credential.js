import { DeviceCodeCredential } from "entra-device-code";
import { inFlags } from "./flags.js";
import { showPrompt } from "./prompt.js";

/**
 * @param {Record<string, any>} options as `parseArguments` gives them
 * @param {import("./commands.js").Context} context
 * @param {import("entra-device-code").DeviceCodeCredentialOptions} [own] what no flag says
 */
export function createCredential(options, { terminal, warn }, own) {
  const { cache: name, "allow-unencrypted-storage": allowUnencryptedStorage } = options;
  return new DeviceCodeCredential({
    tenantId: options.tenant,
    clientId: options["client-id"],
    authority: options.authority,
    disableInstanceDiscovery: options["disable-instance-discovery"],
    timeout: options.timeout,
    cachePersistenceOptions: name && { name, allowUnencryptedStorage },
    userPromptCallback: (prompt) => showPrompt(prompt, options, terminal),
    // A warning is of what went wrong without an error, such as that a sign-in was not kept.
    logger: (level, line) => level === "warning" && warn(inFlags(line)),
    ...own,
  });
}
