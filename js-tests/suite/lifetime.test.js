/** What happens to a credential that nobody holds any more, and to many of them. */

import { DeviceCodeCredential } from "entra-device-code";
import { equal, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, GRAPH } from "./arrange.js";

const collect = globalThis.gc ?? (globalThis.Bun ? () => globalThis.Bun.gc(true) : undefined);
const skip = collect ? false : "this runtime does not let a program collect garbage";

test("lifetime: a credential nobody holds serves those who wait for it", { skip }, async (t) => {
  const { s, create } = await arrange(t, { approveAfterPolls: null });
  const calls = [create().getToken(GRAPH), create().getToken(ARM)];
  // One more call that waits in line, behind the first of the same credential.
  calls.push(
    ...(() => {
      const credential = create();
      return [credential.getToken(GRAPH), credential.getToken(ARM)];
    })(),
  );
  for (let n = 1; n <= 3; n++) {
    await s.waitForRequests(3 * n, { endpoint: "token" });
    collect();
  }
  await s.approve();
  for (const { tokenType } of await Promise.all(calls)) equal(tokenType, "Bearer");
});

test("lifetime: thousands of credentials, most of them forgotten", async (t) => {
  const { create } = await arrange(t);
  let credential = new DeviceCodeCredential();
  for (let n = 0; n < 5000; n++) credential = create({ clientId: `client-${n}` });
  collect?.();
  equal((await credential.getToken(GRAPH)).tokenType, "Bearer");
});

test("lifetime: a method is called on a credential, or not at all", async (t) => {
  const { create } = await arrange(t);
  const { getToken } = create();
  await rejects(() => getToken(GRAPH), TypeError);
});

test("lifetime: a subclass works", async (t) => {
  const { options } = await arrange(t);
  class Counting extends DeviceCodeCredential {
    calls = 0;
    getToken(...args) {
      this.calls += 1;
      return super.getToken(...args);
    }
  }
  const credential = new Counting(options());
  equal((await credential.getToken(GRAPH)).tokenType, "Bearer");
  equal(credential.calls, 1);
});
