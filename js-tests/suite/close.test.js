/** Closing the credential, in every state a call can be in. */

import { CredentialUnavailableError } from "entra-device-code";
import { deepEqual, equal, match, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, deferred, GRAPH } from "./arrange.js";

async function isClosed(promise) {
  const error = await rejects(promise, CredentialUnavailableError);
  match(error.message, /closed/);
}

test("close: ends every later call, without a request", async (t) => {
  const { create, asked } = await arrange(t);
  const credential = create();
  credential.close();
  credential.close();
  await isClosed(credential.getToken(GRAPH));
  await isClosed(credential.authenticate());
  await isClosed(credential.removeAccount());
  deepEqual(await asked(), []);
});

test("close: a cached token is not given out any more", async (t) => {
  const { create } = await arrange(t);
  const credential = create();
  await credential.getToken(GRAPH);
  credential.close();
  await isClosed(credential.getToken(GRAPH));
});

const STATES = {
  "while the instance discovery is out": [{ instance: [{ hang: true }] }, 1],
  "while the metadata request is out": [{ openid: [{ hang: true }] }, 2],
  "while the device request is out": [{ devicecode: [{ hang: true }] }, 3],
  "while a poll is out": [{ token: [{ hang: true }] }, 4],
};

for (const [when, [replies, requests]] of Object.entries(STATES)) {
  test(`close: ${when}, for every caller`, async (t) => {
    const { s, create } = await arrange(t, { replies, knownHosts: ["id.contoso.com"] });
    const credential = create({ authority: "id.contoso.com" });
    const ends = [
      isClosed(credential.getToken(GRAPH)),
      isClosed(credential.getToken(GRAPH)),
      isClosed(credential.getToken(ARM)),
      isClosed(credential.authenticate(GRAPH)),
    ];
    await s.waitForRequests(requests);
    credential.close();
    await Promise.all(ends);
    await s.waitForRequests(1, { aborted: true });
  });
}

test("close: while waiting for the user, and from within the prompt", async (t) => {
  const { create, asked } = await arrange(t, { approveAfterPolls: null });
  const shown = deferred();
  const credential = create({ userPromptCallback: shown.resolve });
  const pending = isClosed(credential.getToken(GRAPH));
  await shown.promise;
  credential.close();
  await pending;

  const other = create({ userPromptCallback: () => other.close() });
  await isClosed(other.getToken(GRAPH));
  deepEqual(await asked(), ["devicecode", "devicecode"]);
});

test("close: from within fetch and from within the logger", async (t) => {
  const { s, create, asked } = await arrange(t);
  const closing = create({
    fetch: (url, init) => {
      closing.close();
      return s.fetch(url, init);
    },
  });
  await isClosed(closing.getToken(GRAPH));
  const logging = create({ logger: () => logging.close() });
  await isClosed(logging.getToken(GRAPH));
  equal((await asked()).filter((endpoint) => endpoint === "token").length, 0);
});

for (const name of ["dispose", "asyncDispose"]) {
  const symbol = Symbol[name];
  const skip = symbol ? false : `this runtime has no Symbol.${name}`;
  test(`close: Symbol.${name}`, { skip }, async (t) => {
    const { create } = await arrange(t);
    const credential = create();
    const disposed = credential[symbol]();
    if (name === "dispose") equal(disposed, undefined);
    else equal(await disposed, undefined);
    await isClosed(credential.getToken(GRAPH));
  });
}

test("close: other credentials are not concerned", async (t) => {
  const { create } = await arrange(t);
  const [closed, open] = [create(), create()];
  const ends = isClosed(closed.getToken(GRAPH));
  const token = open.getToken(GRAPH);
  closed.close();
  await ends;
  equal((await token).tokenType, "Bearer");
});
