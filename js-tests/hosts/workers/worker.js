// A Worker as a user writes one: the credential lives in module scope and serves every request of the isolate.
import { DeviceCodeCredential } from "entra-device-code";

/* global AUTHORITY, TENANT: put in by the bundler */
const credential = new DeviceCodeCredential({
  authority: AUTHORITY,
  tenantId: TENANT,
  disableInstanceDiscovery: true,
  promptCallback() {},
});

export default {
  async fetch(request) {
    try {
      const scope = new URL(request.url).searchParams.get("scope");
      const { token } = await credential.getToken(scope);
      return new Response(token);
    } catch (error) {
      return new Response(`${error.name}: ${error.message}`, { status: 500 });
    }
  },
};
