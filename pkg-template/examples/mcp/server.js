// An MCP server over stdio whose tool acts for its user: node server.js, started by an MCP client.
import { randomUUID } from "node:crypto";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { AuthenticationRequiredError, DeviceCodeCredential } from "entra-device-code";

const SCOPE = "https://graph.microsoft.com/User.Read";
const OPTIONS = {
  tenantId: process.env.AZURE_TENANT_ID,
  clientId: process.env.AZURE_CLIENT_ID,
  // Shared with every process of this user that names it. Without a keyring, a plain file that only its owner can read.
  cachePersistenceOptions: { name: "mcp-example", allowUnencryptedStorage: true },
};

const server = new McpServer({ name: "who-am-i", version: "1.0.0" });
server.registerTool("who_am_i", { description: "Says who the user is at work" }, async () => {
  const token = (await silently()) ?? (await signIn());
  const response = await fetch("https://graph.microsoft.com/v1.0/me", {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`Graph answered ${response.status}`);
  const { displayName, userPrincipalName } = await response.json();
  return { content: [{ type: "text", text: `${displayName} <${userPrincipalName}>` }] };
});
await server.connect(new StdioServerTransport());

/** A token of whoever is signed in, here or in another process; nothing if nobody is. */
async function silently() {
  const [authenticationRecord] = await new DeviceCodeCredential(OPTIONS).getAccounts();
  if (!authenticationRecord) return undefined;
  const credential = new DeviceCodeCredential({
    ...OPTIONS,
    authenticationRecord,
    disableAutomaticAuthentication: true,
  });
  try {
    return (await credential.getToken(SCOPE)).token;
  } catch (error) {
    if (error instanceof AuthenticationRequiredError) return undefined;
    throw error;
  }
}

/**
 * @typedef {object} SignIn
 * @property {Promise<string>} token
 * @property {import("entra-device-code").DeviceCodeInfo} prompt
 * @property {boolean} isShown
 */

/**
 * The sign-in in progress: however often tools are called, the user sees one code.
 *
 * @type {Promise<SignIn> | undefined}
 */
let signingIn;

async function signIn() {
  signingIn ??= begin();
  const { token, prompt, isShown } = await signingIn;
  // A client that can't ask its user gets a text for them, at once. The sign-in goes on meanwhile.
  if (!isShown) throw new Error(`${prompt.message} Ask again afterwards.`);
  return token;
}

/**
 * Resolves when there is a code to show. It is not printed: stdout is the protocol's.
 *
 * @returns {Promise<SignIn>}
 */
function begin() {
  const { elicitation } = server.server.getClientCapabilities() ?? {};
  const end = new AbortController();
  return new Promise((resolve, reject) => {
    const credential = new DeviceCodeCredential({
      ...OPTIONS,
      userPromptCallback(prompt) {
        if (elicitation) elicit(elicitation, prompt, token, end);
        resolve({ token, prompt, isShown: Boolean(elicitation) });
      },
    });
    const token = credential
      .getToken(SCOPE, { abortSignal: end.signal })
      .then((found) => found.token)
      .finally(() => {
        signingIn = undefined;
      });
    token.catch(reject);
  });
}

/**
 * Asks the user to sign in, by URL if the client can. If they don't want to, the sign-in ends.
 *
 * @param {{url?: object}} elicitation
 * @param {import("entra-device-code").DeviceCodeInfo} prompt
 * @param {Promise<string>} token
 * @param {AbortController} end
 */
async function elicit({ url }, { message, verificationUri, expiresOn }, token, end) {
  const { server: protocol } = server;
  const elicitationId = randomUUID();
  const answered = new AbortController();
  token.catch(() => {}).then(() => answered.abort());
  try {
    const { action } = await protocol.elicitInput(
      url
        ? { mode: "url", message, url: verificationUri, elicitationId }
        : { message, requestedSchema: { type: "object", properties: {} } },
      { signal: answered.signal, timeout: expiresOn.getTime() - Date.now() },
    );
    if (action !== "accept") throw new Error("The user did not want to sign in.");
    await token;
    if (url) await protocol.createElicitationCompletionNotifier(elicitationId)();
  } catch (error) {
    end.abort(error);
  }
}
