// An app that keeps its tokens in a file, and says what came of it.
import { DeviceCodeCredential } from "entra-device-code";
import { createEntra } from "./entra.js";

async function signIn(cachePersistenceOptions) {
  const fetch = createEntra();
  const credential = new DeviceCodeCredential({
    fetch,
    promptCallback() {},
    cachePersistenceOptions,
  });
  const { token } = await credential.getToken("User.Read");
  return token;
}

const name = process.env.CACHE_NAME;
signIn({ name })
  .catch(({ message }) => /is not installed/.exec(message)?.[0] ?? message)
  .then(async (why) => console.log(why, await signIn({ name, allowUnencryptedStorage: true })));
