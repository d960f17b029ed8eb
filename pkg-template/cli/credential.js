import { DeviceCodeCredential } from "entra-device-code";
import { showPrompt } from "./prompt.js";

/** The command line's name of each of the package's options and arguments. */
export const FLAG_OF = {
  authority: "--authority",
  claims: "--claims",
  clientId: "--client-id",
  disableInstanceDiscovery: "--disable-instance-discovery",
  scopes: "--scope",
  tenantId: "--tenant",
  timeout: "--timeout",
};

/**
 * @param {Record<string, any>} options as `parseArguments` gives them
 * @param {import("./terminal.js").Terminal} terminal
 */
export function createCredential(options, terminal) {
  return new DeviceCodeCredential({
    tenantId: options.tenant,
    clientId: options["client-id"],
    authority: options.authority,
    disableInstanceDiscovery: options["disable-instance-discovery"],
    timeout: options.timeout,
    userPromptCallback: (prompt) => showPrompt(prompt, options, terminal),
    // Warnings are for those who debug: what a user can do about a failure is in the error.
    logger: () => {},
  });
}
