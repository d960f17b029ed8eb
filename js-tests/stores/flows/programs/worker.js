// A Worker that does in each request what it is asked to, with a credential of that request.
import { DeviceCodeCredential } from "entra-device-code";

export default {
  async fetch(request) {
    const { options, scope, flow, once } = await request.json();
    const credential = new DeviceCodeCredential(options);
    const answer = flow
      ? await credential.acquireTokenByDeviceFlow(flow, { once })
      : await credential.initiateDeviceFlow(scope);
    return Response.json(answer);
  },
};
