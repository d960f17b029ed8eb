// A Cloudflare Worker that calls Microsoft Graph as a user who signed in elsewhere: worker-sign-in.js did that. The tokens
// are in the KV namespace TOKENS, and renewed silently. Who may call the Worker is up to you: Cloudflare Access, say.
import {
  AuthenticationRecord,
  AuthenticationRequiredError,
  DeviceCodeCredential,
} from "entra-device-code";

const SCOPE = "https://graph.microsoft.com/User.Read";
let credential;

export default {
  async fetch(_request, env) {
    // One for all requests: they share its memory, and one renewal if several need it at once.
    credential ??= createCredential(env);
    try {
      const { token } = await credential.getToken(SCOPE);
      return fetch("https://graph.microsoft.com/v1.0/me", {
        headers: { authorization: `Bearer ${token}` },
      });
    } catch (error) {
      if (!(error instanceof AuthenticationRequiredError)) throw error;
      // Nobody can type a code here.
      const text = "Nobody is signed in. Run worker-sign-in.js and do what it says.\n";
      return new Response(text, { status: 401, headers: { "www-authenticate": "Bearer" } });
    }
  },
};

function createCredential({ AUTHENTICATION_RECORD, TOKENS }) {
  return new DeviceCodeCredential({
    authenticationRecord: AuthenticationRecord.deserialize(AUTHENTICATION_RECORD),
    disableAutomaticAuthentication: true,
    cachePersistenceOptions: {
      cachePlugin: {
        async beforeCacheAccess({ tokenCache }) {
          tokenCache.deserialize((await TOKENS.get("cache")) ?? "");
        },
        async afterCacheAccess({ cacheHasChanged, tokenCache }) {
          if (cacheHasChanged) await TOKENS.put("cache", tokenCache.serialize());
        },
      },
    },
  });
}
