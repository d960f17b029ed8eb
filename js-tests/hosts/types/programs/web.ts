/** With the types of the web platform. */

import { DeviceCodeCredential } from "entra-device-code";

const aborter = new AbortController();

export const credential = new DeviceCodeCredential({ fetch, logger: console });

export const tokens = [
  credential.getToken("a", { abortSignal: aborter.signal }),
  credential.getToken("a", "b", { signal: AbortSignal.timeout(1000) }),
  new DeviceCodeCredential({ fetch: globalThis.fetch }).getToken("a"),
  new DeviceCodeCredential({ fetch: (url, init) => fetch(url, init) }).getToken("a"),
];

const encryptionKey: CryptoKey = await crypto.subtle.generateKey(
  { name: "AES-GCM", length: 256 },
  false,
  ["encrypt", "decrypt"],
);
export const kept = new DeviceCodeCredential({
  cachePersistenceOptions: { storage: localStorage, encryptionKey },
});
