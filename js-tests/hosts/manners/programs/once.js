// Counts what is compiled and instantiated: nothing on import, one for all credentials.
const counts = { compiled: 0, instantiated: 0 };
const { Module, Instance } = WebAssembly;
WebAssembly.Module = class extends Module {
  constructor(...args) {
    counts.compiled += 1;
    super(...args);
  }
};
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    counts.instantiated += 1;
    super(...args);
  }
};

const { createRequire } = await import("node:module");
const imported = await import("entra-device-code");
const required = createRequire(import.meta.url)("entra-device-code");
const onImport = { ...counts };
for (const { DeviceCodeCredential } of [imported, required]) {
  new DeviceCodeCredential();
  new DeviceCodeCredential();
}
const same = imported.DeviceCodeCredential === required.DeviceCodeCredential;
console.log(JSON.stringify({ onImport, afterwards: counts, same }));
