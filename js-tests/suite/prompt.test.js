/** How the user learns what to do. */

import { deepEqual, equal, match, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, GRAPH } from "./arrange.js";

test("prompt: says all there is to say, once, before the first poll", async (t) => {
  const { s, create } = await arrange(t, { expiresIn: 600 });
  const prompts = [];
  const started = Date.now();
  await create({
    userPromptCallback: async (info) => {
      prompts.push(info);
      deepEqual(await s.requests("token"), []);
    },
  }).getToken(GRAPH);
  equal(prompts.length, 1);
  const [{ userCode, verificationUri, message, expiresOn }] = prompts;
  equal(verificationUri, "https://microsoft.com/devicelogin");
  match(userCode, /^[A-Z0-9]{9}$/);
  equal(
    message,
    `To sign in, use a web browser to open the page ${verificationUri} and enter the code ${userCode} to authenticate.`,
  );
  const after = expiresOn.getTime() - started;
  ok(after >= 600_000 && after < 610_000, `expires ${after} ms after the call`);
});

test("prompt: a server's complete URI, and its message in other languages", async (t) => {
  const verification_uri_complete = "https://id.contoso.com/device?user_code=ABCD-EFGH";
  const message = "Per accedere, aprire la pagina e immettere il codice — «ABCD-EFGH» 🔑";
  const set = { verification_uri_complete, message };
  const { create, prompts } = await arrange(t, { replies: { devicecode: [{ set }] } });
  await create().getToken(GRAPH);
  equal(prompts[0].verificationUriComplete, verification_uri_complete);
  equal(prompts[0].message, message);
});

test("prompt: a message is made where the server sends none", async (t) => {
  const { create, prompts } = await arrange(t, {
    replies: { devicecode: [{ omit: ["message"] }] },
  });
  await create().getToken(GRAPH);
  const [{ message, userCode, verificationUri }] = prompts;
  ok(message.includes(userCode) && message.includes(verificationUri), message);
});

test("prompt: by default, console.log prints the message", { serial: true }, async (t) => {
  const { s, create } = await arrange(t);
  const printed = [];
  const { log } = console;
  console.log = (...args) => void printed.push(args);
  t.after(() => {
    console.log = log;
  });
  await create({ promptCallback: undefined }).getToken(GRAPH);
  console.log = log;
  equal(printed.length, 1);
  match(printed[0][0], /^To sign in, use a web browser to open the page .* to authenticate\.$/);
  equal((await s.requests()).length, 2);
});

test("prompt: its promise is not waited for", async (t) => {
  const { create } = await arrange(t);
  const { tokenType } = await create({
    userPromptCallback: () => new Promise(() => {}),
  }).getToken(GRAPH);
  equal(tokenType, "Bearer");
});

const TROUBLE = {
  throws: (reason) => () => {
    throw reason;
  },
  rejects: (reason) => async () => {
    throw reason;
  },
};

for (const [how, fail] of Object.entries(TROUBLE)) {
  for (const name of ["promptCallback", "userPromptCallback"]) {
    test(`prompt: a ${name} that ${how} ends the sign-in`, async (t) => {
      const { s, create, asked } = await arrange(t);
      const reason = new RangeError("the display is too narrow");
      const error = await rejects(create({ [name]: fail(reason) }).getToken(GRAPH), {
        name: "AuthenticationError",
        message: /the display is too narrow/,
      });
      equal(error.cause, reason);
      deepEqual(await asked(), ["devicecode"]);
      equal(s.user.name, "Ada");
    });
  }

  test(`prompt: a userPromptCallback that ${how} something that is no error`, async (t) => {
    const { create } = await arrange(t);
    for (const reason of ["no", 7, null, undefined, { a: 1 }, Object.create(null), Symbol("s")]) {
      const credential = create({ userPromptCallback: fail(reason) });
      const error = await rejects(credential.getToken(GRAPH), { name: "AuthenticationError" });
      equal(error.cause, reason);
    }
  });
}

test("prompt: every caller who waited learns that it failed", async (t) => {
  const { create } = await arrange(t);
  const reason = new Error("no display");
  let prompts = 0;
  const credential = create({
    userPromptCallback: () => {
      prompts += 1;
      if (prompts === 1) throw reason;
    },
  });
  const same = [credential.getToken(GRAPH), credential.getToken(GRAPH)];
  const other = credential.getToken(ARM);
  for (const call of same) equal((await rejects(call)).cause, reason);
  // It asked for something else: its own sign-in follows.
  equal((await other).tokenType, "Bearer");
  equal(prompts, 2);
});

for (const [how, fail] of Object.entries({
  throws: (error) => {
    throw error;
  },
  rejects: (error) => Promise.reject(error),
})) {
  test(`prompt: that ${how} an error whose message is made by calling the credential`, async (t) => {
    const { create } = await arrange(t);
    const calls = [];
    const error = {
      get message() {
        calls.push(credential.getAccounts());
        return "no screen";
      },
    };
    const credential = create({ promptCallback: () => fail(error) });
    await rejects(credential.getToken(GRAPH), {
      name: "AuthenticationError",
      message: /no screen/,
    });
    ok(calls.length > 0);
    for (const accounts of await Promise.all(calls)) deepEqual(accounts, []);
  });
}

test("prompt: may call the credential", async (t) => {
  const { create, prompts } = await arrange(t);
  const inner = [];
  const credential = create({
    userPromptCallback: (info) => {
      prompts.push(info);
      inner.push(credential.getToken(GRAPH), credential.getToken(ARM));
    },
  });
  await credential.getToken(GRAPH);
  equal((await Promise.all(inner)).length, 2);
  equal(prompts.length, 1);
});
