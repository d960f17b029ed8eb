/** Sealed items, opened and sealed by a JOSE library. */

import { DeviceCodeCredential } from "entra-device-code";
import { CompactEncrypt, compactDecrypt, generateKeyPair } from "jose";
import { deepEqual, equal, ok, rejects } from "../../base/harness/assert.js";
import { createScenario } from "../../base/harness/scenario.js";
import { test } from "../../base/harness/suite.js";

const SCOPE = "User.Read";

/** A storage with one sealed item, and who signed in. */
async function signedIn(t) {
  const s = await createScenario();
  t.after(() => s.remove());
  const items = new Map();
  const storage = {
    getItem: (key) => items.get(key),
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
  const encryptionKey = crypto.getRandomValues(new Uint8Array(32));
  const create = (options) =>
    new DeviceCodeCredential({
      tenantId: s.user.tid,
      fetch: s.fetch,
      userPromptCallback: () => {},
      cachePersistenceOptions: { storage, encryptionKey },
      ...options,
    });
  const credential = create();
  const authenticationRecord = await credential.authenticate({ scopes: SCOPE });
  const { token } = await credential.getToken(SCOPE);
  return { items, encryptionKey, create, authenticationRecord, token };
}

test("jose: it opens what we sealed, and we what it sealed", async (t) => {
  const { items, encryptionKey, create, authenticationRecord, token } = await signedIn(t);
  const [[item, jwe]] = items;
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, encryptionKey);
  deepEqual(protectedHeader, { alg: "dir", enc: "A256GCM", item });
  const cache = JSON.parse(new TextDecoder().decode(plaintext));
  const [row] = Object.values(cache.AccessToken);
  equal(row.secret, token);

  row.secret = "theirs";
  const theirs = new CompactEncrypt(new TextEncoder().encode(JSON.stringify(cache)));
  const sealed = await theirs.setProtectedHeader(protectedHeader).encrypt(encryptionKey);
  items.set(item, sealed);
  equal((await create({ authenticationRecord }).getToken(SCOPE)).token, "theirs");
});

const bytes = (length) => crypto.getRandomValues(new Uint8Array(length));

/** Another header than ours → the key that goes with it, if it is not ours. */
const OTHERS = [
  [{ alg: "A256KW", enc: "A256GCM" }],
  [{ alg: "A256GCMKW", enc: "A256GCM" }],
  [{ alg: "PBES2-HS256+A128KW", enc: "A256GCM" }],
  [{ alg: "RSA-OAEP-256", enc: "A256GCM" }, async (alg) => (await generateKeyPair(alg)).publicKey],
  [{ alg: "ECDH-ES", enc: "A256GCM" }, async (alg) => (await generateKeyPair(alg)).publicKey],
  [{ alg: "dir", enc: "A128GCM" }, () => bytes(16)],
  [{ alg: "dir", enc: "A128CBC-HS256" }],
  [{ alg: "dir", enc: "A256CBC-HS512" }, () => bytes(64)],
  [{ alg: "dir", enc: "A256GCM", zip: "DEF" }],
];

for (const [header, other] of OTHERS) {
  test(`jose: what is sealed by ${Object.values(header).join(", ")} is refused`, async (t) => {
    const { items, encryptionKey, create, authenticationRecord } = await signedIn(t);
    const [[item, ours]] = items;
    const { plaintext } = await compactDecrypt(ours, encryptionKey);
    const key = (await other?.(header.alg)) ?? encryptionKey;
    const theirs = new CompactEncrypt(plaintext).setProtectedHeader({ ...header, item });
    items.set(item, await theirs.encrypt(key));
    const log = [];
    const logger = (_level, line) => void log.push(line);
    const options = { authenticationRecord, disableAutomaticAuthentication: true, logger };
    await rejects(create(options).getToken(SCOPE), { name: "AuthenticationRequiredError" });
    const told = log.filter((line) => line.includes(item));
    ok(told.length === 1 && told[0].includes("it is sealed in another way"), log.join("\n"));
  });
}
