/**
 * The command line's name of each of the package's options and arguments.
 *
 * @type {Record<string, string>}
 */
const FLAG_OF = {
  allowUnencryptedStorage: "--allow-unencrypted-storage",
  authority: "--authority",
  claims: "--claims",
  clientId: "--client-id",
  disableInstanceDiscovery: "--disable-instance-discovery",
  excludeScopes: "--exclude-scope",
  metadataUrl: "--metadata-url",
  name: "--cache",
  scopes: "--scope",
  tenantId: "--tenant",
  timeout: "--timeout",
};

/**
 * The package's options, as it names them in a message, are flags here.
 *
 * @param {string} message
 */
export function inFlags(message) {
  return message.replaceAll(
    /`(?:cachePersistenceOptions\.)?(\w+)(?:: true)?`/g,
    (_, name) => FLAG_OF[name] ?? name,
  );
}
