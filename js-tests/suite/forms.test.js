/** Every way to write a call, and every option in both spellings. */

import { AuthenticationRecord, DeviceCodeCredential } from "entra-device-code";
import { deepEqual, equal, notEqual, ok, rejects } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { ARM, arrange, GRAPH, memoryPlugin, REFUSE_CODES, RESERVED } from "./arrange.js";

const CLIENT = "4a3c7b1e-0d52-4f38-9c1a-3c5f5d0a7f11";
const DEFAULT_CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/** The device request that a call leads to. */
async function requestOf(arrangement, call) {
  await rejects(call, { statusCode: 401 });
  return (await arrangement.s.requests("devicecode")).at(-1);
}

test("forms: the constructor", async (t) => {
  const arrangement = await arrange(t, REFUSE_CODES);
  const { options } = arrangement;
  const clientOf = async (...args) => {
    const call = () => new DeviceCodeCredential(...args).getToken(GRAPH);
    return (await requestOf(arrangement, call)).form.client_id;
  };
  equal(await clientOf(options()), DEFAULT_CLIENT);
  equal(await clientOf(options({ clientId: CLIENT })), CLIENT);
  equal(await clientOf(CLIENT, options()), CLIENT);
  equal(await clientOf(CLIENT, options({ clientId: CLIENT })), CLIENT);
  equal(await clientOf(undefined, options()), DEFAULT_CLIENT);
});

test("forms: without any option", () => {
  ok(new DeviceCodeCredential() instanceof DeviceCodeCredential);
  ok(new DeviceCodeCredential(undefined) instanceof DeviceCodeCredential);
  ok(new DeviceCodeCredential({}) instanceof DeviceCodeCredential);
  ok(new DeviceCodeCredential(CLIENT) instanceof DeviceCodeCredential);
  equal(DeviceCodeCredential.name, "DeviceCodeCredential");
});

test("forms: options that are null or undefined count as absent", async (t) => {
  const arrangement = await arrange(t, REFUSE_CODES);
  const absent = {
    clientId: undefined,
    authority: null,
    authorityHost: undefined,
    tenantId: undefined,
    timeout: undefined,
    authenticationRecord: undefined,
    cachePersistenceOptions: null,
    additionallyAllowedTenants: undefined,
    retryOptions: null,
    requestTimeout: undefined,
    logger: null,
  };
  const call = () => arrangement.create(absent).getToken(GRAPH, undefined);
  equal((await requestOf(arrangement, call)).path, "/organizations/oauth2/v2.0/devicecode");
});

test("forms: getToken", async (t) => {
  const arrangement = await arrange(t, REFUSE_CODES);
  const credential = arrangement.create();
  const formOf = async (...args) => {
    const { form, path } = await requestOf(arrangement, () => credential.getToken(...args));
    return `${form.scope.replace(` ${RESERVED}`, "")} at ${path.split("/")[1]}`;
  };
  const there = { tenantId: "contoso.com" };
  equal(await formOf("a"), "a at organizations");
  equal(await formOf(["a"]), "a at organizations");
  equal(await formOf("b", "a"), "a b at organizations");
  equal(await formOf(["b", "a"]), "a b at organizations");
  equal(await formOf("b a"), "a b at organizations");
  equal(await formOf("a", undefined), "a at organizations");
  equal(await formOf("a", null), "a at organizations");
  equal(await formOf("a", {}), "a at organizations");
  equal(await formOf("a", there), "a at contoso.com");
  equal(await formOf(["b", "a"], there), "a b at contoso.com");
  equal(await formOf("b", "a", there), "a b at contoso.com");
});

test("forms: authenticate", async (t) => {
  const arrangement = await arrange(t, REFUSE_CODES);
  const credential = arrangement.create();
  const formOf = async (...args) => {
    const { form, path } = await requestOf(arrangement, () => credential.authenticate(...args));
    return `${form.scope.replace(` ${RESERVED}`, "")} at ${path.split("/")[1]}`;
  };
  const arm = "https://management.core.windows.net//.default";
  const tenantId = "contoso.com";
  equal(await formOf(), `${arm} at organizations`);
  equal(await formOf({}), `${arm} at organizations`);
  equal(await formOf({ tenantId }), `${arm} at contoso.com`);
  equal(await formOf({ scopes: "a" }), "a at organizations");
  equal(await formOf({ scopes: ["b", "a"], tenantId }), "a b at contoso.com");
  equal(await formOf("a"), "a at organizations");
  equal(await formOf(["b", "a"]), "a b at organizations");
  equal(await formOf("a", { tenantId }), "a at contoso.com");
  equal(await formOf(["b", "a"], { tenantId }), "a b at contoso.com");
});

for (const name of ["authority", "authorityHost"]) {
  for (const value of ["login.microsoftonline.us", "https://login.microsoftonline.us/"]) {
    test(`forms: ${name}: ${value}`, async (t) => {
      const arrangement = await arrange(t, REFUSE_CODES);
      const call = () => arrangement.create({ [name]: value }).getToken(GRAPH);
      equal((await requestOf(arrangement, call)).host, "login.microsoftonline.us");
    });
  }
}

test("forms: promptCallback gets three arguments, userPromptCallback one", async (t) => {
  const { create, prompts } = await arrange(t, { approveAfterPolls: 0 });
  const shown = [];
  await Promise.all([
    create({ promptCallback: (...args) => void shown.push(args) }).getToken(GRAPH),
    create({ userPromptCallback: (...args) => void prompts.push(args) }).getToken(GRAPH),
  ]);
  const [[uri, code, expiresOn], ...others] = shown;
  equal(others.length, 0);
  equal(shown[0].length, 3);
  equal(uri, "https://microsoft.com/devicelogin");
  ok(/^[A-Z0-9]{9}$/.test(code), code);
  ok(expiresOn instanceof Date);
  equal(prompts.length, 1);
  equal(prompts[0].length, 1);
  const [info] = prompts[0];
  ok(info.message.includes(info.userCode));
  deepEqual(Object.keys(info).sort(), ["expiresOn", "message", "userCode", "verificationUri"]);
});

for (const name of ["cachePersistenceOptions", "tokenCachePersistenceOptions"]) {
  test(`forms: ${name}`, async (t) => {
    const { create } = await arrange(t);
    const cachePlugin = memoryPlugin();
    await create({ [name]: { cachePlugin } }).getToken(GRAPH);
    equal(cachePlugin.rows("AccessToken").length, 1);
  });
}

test("forms: support logging names accounts, in both spellings, and else nothing does", async (t) => {
  const { create, log } = await arrange(t);
  const support = async (options) => {
    log.length = 0;
    await create(options).getToken(GRAPH);
    return log.some((line) => line.includes("ada@contoso.com"));
  };
  equal(await support({}), false);
  equal(await support({ enableSupportLogging: true }), true);
  equal(await support({ loggingOptions: { enableUnsafeSupportLogging: true } }), true);
  equal(await support({ loggingOptions: {}, enableSupportLogging: false }), false);
});

test("forms: a logger is a function, an object like console, or one of @azure/logger", async (t) => {
  const { create } = await arrange(t);
  const called = new Set();
  const object = (...names) =>
    Object.fromEntries(names.map((name) => [name, (line) => called.add(`${name} ${typeof line}`)]));
  const enableSupportLogging = true;
  await Promise.all([
    create({ logger: (level) => called.add(`called ${level}`), enableSupportLogging }).getToken(
      GRAPH,
    ),
    create({ logger: object("info", "verbose"), enableSupportLogging }).getToken(GRAPH),
    create({ logger: object("info", "debug"), enableSupportLogging }).getToken(GRAPH),
    create({ logger: {}, enableSupportLogging }).getToken(GRAPH),
    create({
      logger: () => {
        throw new Error("a logger's own trouble");
      },
    }).getToken(GRAPH),
  ]);
  deepEqual([...called].sort(), [
    "called info",
    "called verbose",
    "debug string",
    "info string",
    "verbose string",
  ]);
});

test("forms: authenticate gives a record, and caches a token", async (t) => {
  const { s, create, prompts, asked } = await arrange(t);
  const credential = create({ clientId: CLIENT });
  const record = await credential.authenticate({ scopes: [GRAPH] });
  ok(record instanceof AuthenticationRecord);
  const { user } = s;
  deepEqual(
    { ...record },
    {
      authority: "login.microsoftonline.com",
      clientId: CLIENT,
      homeAccountId: `${user.oid}.${user.tid}`,
      tenantId: user.tid,
      username: user.username,
    },
  );
  await credential.getToken(GRAPH);
  deepEqual(await asked(), ["devicecode", "token"]);
  equal(prompts.length, 1);
});

test("forms: authenticate always challenges the user", async (t) => {
  const { create, prompts } = await arrange(t);
  const credential = create({ disableAutomaticAuthentication: true });
  await credential.authenticate({ scopes: ARM });
  const first = await credential.getToken(ARM);
  await credential.authenticate(ARM);
  equal(prompts.length, 2);
  notEqual((await credential.getToken(ARM)).token, first.token);
});

test("forms: authenticate wants scopes where the cloud has no default one", async (t) => {
  const { create, asked } = await arrange(t);
  const credential = create({ authority: "id.contoso.com", disableInstanceDiscovery: true });
  await rejects(credential.authenticate(), {
    name: "CredentialUnavailableError",
    message: /scopes/,
  });
  deepEqual(await asked(), []);
  const record = await credential.authenticate("api/.default");
  equal(record.username, "ada@contoso.com");
});
