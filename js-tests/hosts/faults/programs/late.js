// A store that goes on with a save long after that was given up.
import { DeviceCodeCredential } from "entra-device-code";
import { installVirtualTime } from "./virtual.js";

const time = installVirtualTime();
const items = new Map();
const late = [];
let isSlow = false;
const storage = {
  async getItem(name) {
    if (isSlow) await new Promise((resolve) => setTimeout(resolve, 40_000));
    return items.get(name) ?? null;
  },
  async setItem(name, text) {
    late.push(text.length);
    items.set(name, text);
  },
  async removeItem() {},
};
let granted = 0;
// Each another one, so that a second sign-in is seen.
const tokens = () => ({
  token_type: "Bearer",
  access_token: `token ${++granted}`,
  expires_in: 3600,
  client_info: btoa('{"uid":"ada","utid":"contoso"}'),
});
const credential = new DeviceCodeCredential({
  cachePersistenceOptions: { storage, allowUnencryptedStorage: true },
  logger() {},
  async promptCallback() {
    isSlow = true;
  },
  fetch: async (url) =>
    Response.json(
      url.endsWith("/devicecode")
        ? { device_code: "DC", user_code: "UC", verification_uri: "https://h/", expires_in: 60 }
        : tokens(),
    ),
});
const { token } = await time.during(credential.getToken("User.Read"));
await time.during(new Promise((resolve) => setTimeout(resolve, 120_000)));
const again = await time.during(credential.getToken("User.Read"));
// What the store was given later than it may, it must not write.
console.log(JSON.stringify({ token, again: again.token, late: late.length }));
process.exit();
