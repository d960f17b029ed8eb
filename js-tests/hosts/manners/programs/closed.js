// Looks for the tokens in the memory of the instance: before the credential is closed, or its account is removed, and after.
// `meanwhile`: it is closed when the sign-in has succeeded, before the caller has the token.
const [, , how] = process.argv;
let memory;
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    // The export's name is shortened in the build: what it is tells it.
    memory = Object.values(this.exports).find((value) => value instanceof WebAssembly.Memory);
  }
};

const { DeviceCodeCredential } = await import("entra-device-code");
const tokens = ["access", "refresh", "device"].map((what) => `${what}-${crypto.randomUUID()}`);
const [access_token, refresh_token, device_code] = tokens;
const replies = [
  { device_code, user_code: "A", verification_uri: "https://h/v", interval: 1, expires_in: 60 },
  {
    access_token,
    refresh_token,
    token_type: "Bearer",
    expires_in: 3600,
    client_info: btoa('{"uid":"ada","utid":"contoso"}'),
  },
];
const credential = new DeviceCodeCredential({
  fetch: async () => new Response(JSON.stringify(replies.shift())),
  promptCallback: () => {},
  logger(_, line) {
    if (how === "meanwhile" && /signed in/.test(line)) credential.close();
  },
});
await credential.getToken("User.Read").catch(() => {});

const found = () => {
  const seen = new TextDecoder("latin1").decode(new Uint8Array(memory.buffer));
  return tokens.filter((token) => seen.includes(token));
};
const before = found().length;
if (how === "signedOut") await credential.removeAccount();
else if (how !== "meanwhile") credential.close();
await new Promise((resolve) => setTimeout(resolve));
console.log(JSON.stringify({ before, after: found().map((token) => token.split("-")[0]) }));
