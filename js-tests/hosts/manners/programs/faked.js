// A test framework puts fakes in the place of the host's scheduling, and takes them away again: what was given to a fake
// never comes. The next call must not suffer for it.
import { DeviceCodeCredential } from "entra-device-code";

// Its replies are no streams: those of some hosts are made with what is faked here, and never come.
const CODE = {
  device_code: "DC",
  user_code: "UC",
  verification_uri: "https://microsoft.com/devicelogin",
  expires_in: 60,
  interval: 1,
};
async function fetch(url) {
  const reply = url.endsWith("/devicecode") ? CODE : { access_token: "a token", expires_in: 3600 };
  return { status: 200, headers: new Headers(), text: async () => JSON.stringify(reply) };
}

const faked = process.argv[2];
const credential = new DeviceCodeCredential({ fetch, promptCallback() {} });
const original = globalThis[faked];
globalThis[faked] = () => {};
const lost = new AbortController();
const first = credential.getToken("User.Read", { abortSignal: lost.signal }).catch(() => "lost");
await Promise.resolve();
globalThis[faked] = original;
const began = Date.now();
const { token } = await credential.getToken("User.Read");
const took = Date.now() - began;
lost.abort();
await first;
console.log(JSON.stringify({ token, took }));
