// A Worker that a user deploys.
import { DeviceCodeCredential } from "entra-device-code";
import { createEntra } from "./entra.js";

const credential = new DeviceCodeCredential({ fetch: createEntra(), promptCallback() {} });

export default {
  async fetch() {
    const { token } = await credential.getToken("User.Read");
    return new Response(token);
  },
};
