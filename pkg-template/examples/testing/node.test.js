// node --test
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeviceCodeCredential } from "entra-device-code";
import { createEntra } from "./entra.js";

/** Moves the time, second by second, until a promise has settled. */
async function whileTimePasses(t, promise) {
  let isPending = true;
  const settled = () => {
    isPending = false;
  };
  promise.then(settled, settled);
  while (isPending) {
    t.mock.timers.tick(1000);
    await new Promise(setImmediate);
  }
  return promise;
}

test("a user who takes a while", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const prompts = [];
  const credential = new DeviceCodeCredential({
    fetch: createEntra(),
    userPromptCallback: ({ userCode }) => prompts.push(userCode),
  });
  const { token } = await whileTimePasses(t, credential.getToken("User.Read"));
  assert.equal(token, "a token");
  assert.deepEqual(prompts, ["ABCD1234"]);
});

test("a user who signs in once", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const prompts = [];
  const credential = new DeviceCodeCredential({
    fetch: createEntra(),
    userPromptCallback: ({ userCode }) => prompts.push(userCode),
  });
  const { username } = await whileTimePasses(t, credential.authenticate("User.Read"));
  assert.equal(username, "ada@contoso.com");
  await credential.getToken("Mail.Read"); // renewed silently
  assert.deepEqual(prompts, ["ABCD1234"]);
});

test("a user who never comes", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const credential = new DeviceCodeCredential({
    fetch: createEntra({ polls: Number.POSITIVE_INFINITY }),
    promptCallback() {},
    timeout: 60,
  });
  await assert.rejects(whileTimePasses(t, credential.getToken("User.Read")), {
    name: "AuthenticationError",
    message: /^Timed out/,
  });
});
