/** Sealed items, opened and sealed by a JOSE library. */

import { DeviceCodeCredential } from "entra-device-code";
import { CompactEncrypt, compactDecrypt } from "jose";
import { deepEqual, equal } from "../harness/assert.js";
import { createScenario } from "../harness/scenario.js";
import { test } from "../harness/suite.js";

const SCOPE = "User.Read";

test("jose: it opens what we sealed, and we what it sealed", async (t) => {
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
