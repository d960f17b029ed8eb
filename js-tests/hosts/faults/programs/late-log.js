// A store that logs when its credential is gone; see `--expose-gc`.
import { DeviceCodeCredential } from "entra-device-code";
import { installVirtualTime } from "./virtual.js";

const turn = () => new Promise((done) => setImmediate(done));
const time = installVirtualTime();
const fetch = async (url) =>
  Response.json(
    url.endsWith("/devicecode")
      ? { device_code: "DC", user_code: "UC", verification_uri: "https://h/", expires_in: 60 }
      : {
          token_type: "Bearer",
          access_token: "token",
          expires_in: 3600,
          client_info: btoa('{"uid":"ada","utid":"contoso"}'),
        },
  );
const options = { fetch, logger() {}, promptCallback() {} };
let finish;
const storage = {
  getItem: async () => "unreadable",
  // Where it keeps that, before it says so.
  setItem: () => new Promise((done) => (finish = done)),
  async removeItem() {},
};
const cachePersistenceOptions = { storage, partitioned: false, allowUnencryptedStorage: true };

async function use() {
  const credential = new DeviceCodeCredential({ ...options, cachePersistenceOptions });
  await time.during(credential.getToken("User.Read"));
  await time.during(new Promise((done) => setTimeout(done, 120_000)));
  return new WeakRef(credential);
}

const used = await use();
for (let at = 0; at < 10; at++) {
  await turn();
  globalThis.gc();
}
let show;
const prompted = new Promise((done) => (show = done));
const other = new DeviceCodeCredential({ ...options, promptCallback: () => show() });
const call = other.getToken("User.Read").then(
  ({ token }) => token,
  (error) => error.message,
);
await prompted;
finish();
await turn();
console.log(
  JSON.stringify({
    isGone: !used.deref(),
    isLate: finish !== undefined,
    call: await time.during(call),
  }),
);
process.exit();
