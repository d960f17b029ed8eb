/** Polls come when the timers of a test say so, neither sooner nor more often. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DeviceCodeCredential } from "entra-device-code";
import { createEntra } from "./entra.js";

test("each poll after five seconds of the test's time", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const entra = createEntra({ polls: 4 });
  let seconds = 0;
  const polls = [];
  const credential = new DeviceCodeCredential({
    fetch(url, init) {
      if (url.endsWith("/token")) polls.push(seconds);
      return entra(url, init);
    },
    promptCallback() {},
  });
  let token;
  credential.getToken("User.Read").then((granted) => {
    token = granted.token;
  });
  for (; seconds < 30 && !token; seconds += 1) {
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    t.mock.timers.tick(1000);
  }
  assert.equal(token, "a token");
  // The tick that fires the timer ends the second that is counted here.
  assert.deepEqual(polls, [5, 10, 15, 20]);
});
