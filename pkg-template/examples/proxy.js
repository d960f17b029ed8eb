// Signs in through a proxy: HTTPS_PROXY=http://proxy.contoso.com:8080 node proxy.js (npm install undici)
import { DeviceCodeCredential } from "entra-device-code";
import { fetch, ProxyAgent } from "undici";

const { HTTPS_PROXY = "http://proxy.contoso.com:8080" } = process.env;
const dispatcher = new ProxyAgent(HTTPS_PROXY);
const credential = new DeviceCodeCredential({
  fetch: (url, init) => fetch(url, { ...init, dispatcher }),
});
const { expiresOnTimestamp } = await credential.getToken("https://graph.microsoft.com/.default");
console.log(`A token until ${new Date(expiresOnTimestamp).toISOString()}`);
