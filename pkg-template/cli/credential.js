import process from "node:process";
import { DeviceCodeCredential } from "entra-device-code";
import { quote, UsageError } from "./arguments.js";
import { inFlags } from "./flags.js";
import { showPrompt } from "./prompt.js";

/**
 * @param {import("./arguments.js").Options} options
 * @param {import("./commands.js").Context} context
 * @param {import("entra-device-code").DeviceCodeCredentialOptions} [own] what no flag says
 */
export function createCredential(options, { terminal, waiting, warn }, own) {
  const { cache: name, "allow-unencrypted-storage": allowUnencryptedStorage } = options;
  if (name) waiting.for(`the cache ${quote(name)}`);
  return create({
    tenantId: options.tenant,
    clientId: options["client-id"],
    authority: options.authority,
    disableInstanceDiscovery: options["disable-instance-discovery"],
    metadataUrl: options["metadata-url"],
    // What is none of them is refused by name.
    excludeScopes: /** @type {any} */ (options["exclude-scope"]),
    timeout: options.timeout,
    cachePersistenceOptions: name ? { name, allowUnencryptedStorage } : undefined,
    userPromptCallback(prompt) {
      waiting.end();
      showPrompt(prompt, options, terminal);
    },
    fetch(url, init) {
      waiting.for(new URL(url).host);
      return fetch(url, init);
    },
    // A warning is of what went wrong without an error, such as that a sign-in was not kept.
    logger: (level, line) => level === "warning" && warn(inFlags(line)),
    ...own,
  });
}

/**
 * With what the environment says where no flag does. The package reads AZURE_AUTHORITY_HOST itself, and these two never.
 *
 * @param {import("entra-device-code").DeviceCodeCredentialOptions} options
 */
function create(options) {
  const { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId } = process.env;
  try {
    return new DeviceCodeCredential({
      ...options,
      // Another provider than Microsoft's has no tenants.
      tenantId: options.tenantId ?? (options.metadataUrl ? undefined : tenantId || undefined),
      clientId: options.clientId ?? (clientId || undefined),
    });
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    // Whoever gave no flag is told of the variable.
    if (!options.tenantId && message.startsWith("`tenantId`")) {
      throw new UsageError(message.replace("`tenantId`", "AZURE_TENANT_ID"));
    }
    if (!options.clientId && message.startsWith("`clientId`")) {
      throw new UsageError(message.replace("`clientId`", "AZURE_CLIENT_ID"));
    }
    throw error;
  }
}
