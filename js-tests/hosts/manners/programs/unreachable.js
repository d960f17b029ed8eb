// Prints the hints of two credentials that get no reply: one to a server whose certificate nobody trusts, one to no server.
import { DeviceCodeCredential } from "entra-device-code";

const [, , authority, tenantId] = process.argv;
const retryOptions = { maxRetries: 0 };
const ask = async (options) => {
  const credential = new DeviceCodeCredential({
    ...options,
    tenantId,
    retryOptions,
    disableInstanceDiscovery: true,
  });
  const { message, hint } = await credential.getToken("User.Read").catch((error) => error);
  return `${message} ${hint}`;
};
console.log(
  JSON.stringify({
    certificate: await ask({ authority }),
    name: await ask({ authority: "https://nowhere.invalid" }),
  }),
);
