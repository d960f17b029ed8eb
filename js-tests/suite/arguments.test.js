/** Wrong arguments: each is one TypeError that names the argument, and nothing is sent. */

import {
  AuthenticationRecord,
  DeviceCodeCredential,
  deserializeAuthenticationRecord,
  serializeAuthenticationRecord,
} from "entra-device-code";
import { deepEqual, equal, match, rejects, throws } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { arrange, GRAPH, memoryPlugin } from "./arrange.js";

const RECORD = {
  authority: "login.microsoftonline.com",
  clientId: "client",
  homeAccountId: "oid.tid",
  tenantId: "contoso.com",
  username: "ada@contoso.com",
};

const METADATA_URL = "https://id.contoso.com/.well-known/openid-configuration";

const prompt = () => {};

/** What is wrong → the options, and the name in the message. */
const BAD_OPTIONS = {
  "options that are a number": [7, "options"],
  "options that are an array": [[], "options"],
  "a clientId that is a number": [{ clientId: 7 }, "clientId"],
  "an empty clientId": [{ clientId: " " }, "clientId"],
  "a tenant with a space": [{ tenantId: "contoso com" }, "tenantId"],
  "a tenant with a slash": [{ tenantId: "contoso/com" }, "tenantId"],
  "a tenant of dots": [{ tenantId: ".." }, "tenantId"],
  "a tenant that is a number": [{ tenantId: 7 }, "tenantId"],
  "an http authority": [{ authority: "http://login.microsoftonline.com" }, "authority"],
  "an authority with its tenant, as MSAL has it": [
    { authority: "https://login.microsoftonline.com/contoso.com" },
    "authority",
  ],
  "an http authorityHost": [{ authorityHost: "http://login.microsoftonline.com" }, "authorityHost"],
  "an authority with a query": [{ authority: "https://contoso.com/?a=b" }, "authority"],
  "an authority with a user": [{ authority: "https://ada@contoso.com" }, "authority"],
  "an authority of another scheme": [{ authority: "ftp://contoso.com" }, "authority"],
  "an authority that is a URL object": [{ authority: new URL("https://contoso.com") }, "authority"],
  "two authorities": [{ authority: "a.com", authorityHost: "b.com" }, "authority"],
  "an http metadataUrl": [{ metadataUrl: "http://id.contoso.com/x" }, "metadataUrl"],
  "a metadataUrl that is an issuer": [{ metadataUrl: "https://id.contoso.com" }, "metadataUrl"],
  "an empty metadataUrl": [{ metadataUrl: "" }, "metadataUrl"],
  "a metadataUrl that is a URL object": [{ metadataUrl: new URL(METADATA_URL) }, "metadataUrl"],
  "a metadataUrl and an authority": [{ metadataUrl: METADATA_URL, authority: "a" }, "authority"],
  "a metadataUrl and an authorityHost": [
    { metadataUrl: METADATA_URL, authorityHost: "a" },
    "authorityHost",
  ],
  "a metadataUrl and a tenant": [{ metadataUrl: METADATA_URL, tenantId: "a" }, "tenantId"],
  "excluded scopes that are a string": [{ excludeScopes: "profile" }, "excludeScopes"],
  "excluded scopes that nobody adds": [{ excludeScopes: ["User.Read"] }, "excludeScopes"],
  "excluded scopes that are numbers": [{ excludeScopes: [7] }, "excludeScopes"],
  "a negative timeout": [{ timeout: -1 }, "timeout"],
  "a timeout of nothing": [{ timeout: 0 }, "timeout"],
  "a timeout that is NaN": [{ timeout: Number.NaN }, "timeout"],
  "a timeout that is a string": [{ timeout: "60" }, "timeout"],
  "a prompt that is no function": [{ promptCallback: "show" }, "promptCallback"],
  "a user prompt that is no function": [{ userPromptCallback: {} }, "userPromptCallback"],
  "two prompts": [{ promptCallback: prompt, userPromptCallback: () => {} }, "promptCallback"],
  "a record that is a string": [{ authenticationRecord: "{}" }, "authenticationRecord"],
  "a record without fields": [{ authenticationRecord: {} }, "authenticationRecord"],
  "a record without a username": [
    { authenticationRecord: { ...RECORD, username: undefined } },
    "authenticationRecord",
  ],
  "a record of another client": [
    { authenticationRecord: RECORD, clientId: "other" },
    "authenticationRecord",
  ],
  "a record of another version": [
    { authenticationRecord: { ...RECORD, version: "2.0" } },
    "authenticationRecord",
  ],
  "a flag that is a string": [
    { disableAutomaticAuthentication: "yes" },
    "disableAutomaticAuthentication",
  ],
  "discovery as a number": [{ disableInstanceDiscovery: 1 }, "disableInstanceDiscovery"],
  "support logging as a string": [{ enableSupportLogging: "yes" }, "enableSupportLogging"],
  "logging options that are no object": [{ loggingOptions: true }, "loggingOptions"],
  "tenants that are a string": [{ additionallyAllowedTenants: "*" }, "additionallyAllowedTenants"],
  "tenants that are no strings": [
    { additionallyAllowedTenants: ["a.com", 7] },
    "additionallyAllowedTenants",
  ],
  "tenants that are undefined": [
    { additionallyAllowedTenants: [undefined] },
    "additionallyAllowedTenants",
  ],
  "a fetch that is no function": [{ fetch: "https" }, "fetch"],
  "retry options that are a number": [{ retryOptions: 3 }, "retryOptions"],
  "negative retries": [{ retryOptions: { maxRetries: -1 } }, "maxRetries"],
  "a retry delay that is NaN": [{ retryOptions: { retryDelayInMs: Number.NaN } }, "retryDelayInMs"],
  "a longest retry delay that is a string": [
    { retryOptions: { maxRetryDelayInMs: "1" } },
    "maxRetryDelayInMs",
  ],
  "a request timeout of 0": [{ requestTimeout: 0 }, "requestTimeout"],
  "a negative request timeout": [{ requestTimeout: -5 }, "requestTimeout"],
  "a logger that is a string": [{ logger: "console" }, "logger"],
  "cache options that are a string": [
    { cachePersistenceOptions: "cache" },
    "cachePersistenceOptions",
  ],
  "a cache plugin without its methods": [
    { cachePersistenceOptions: { cachePlugin: {} } },
    "cachePlugin",
  ],
  "a CAE cache plugin without its methods": [
    { cachePersistenceOptions: { cachePlugin: memoryPlugin(), cachePluginCae: {} } },
    "cachePluginCae",
  ],
  "two cache options": [
    {
      cachePersistenceOptions: { cachePlugin: memoryPlugin() },
      tokenCachePersistenceOptions: { cachePlugin: memoryPlugin() },
    },
    "cachePersistenceOptions",
  ],
};

for (const [what, [options, name]] of Object.entries(BAD_OPTIONS)) {
  test(`arguments: the constructor refuses ${what}`, () => {
    const error = throws(() => new DeviceCodeCredential(options), TypeError);
    equal(error.name, "TypeError");
    match(error.message, new RegExp(`\`[\\w.]*${name}[\\w.]*\``), error.message);
  });
}

test("arguments: the constructor refuses two client ids, and anything that is no client id", () => {
  for (const [args, name] of [
    [["one", { clientId: "other" }], "clientId"],
    [["", {}], "clientId"],
    [[7, {}], "options"],
  ]) {
    const error = throws(() => new DeviceCodeCredential(...args), TypeError);
    match(error.message, new RegExp(name));
  }
});

test("arguments: two spellings with one value are one option", async (t) => {
  const { create } = await arrange(t);
  const cache = { cachePlugin: memoryPlugin() };
  create({
    authority: "contoso.com",
    authorityHost: "contoso.com",
    cachePersistenceOptions: cache,
    tokenCachePersistenceOptions: cache,
  });
});

test("arguments: DeviceCodeCredential is a class", () => {
  throws(() => DeviceCodeCredential(), TypeError);
});

const SIGNAL = new AbortController().signal;

/** What is wrong → the call, and the name in the message. */
const BAD_CALLS = {
  "no scope": [(c) => c.getToken(), "scopes"],
  "no scope but options": [(c) => c.getToken({}), "scopes"],
  "an empty array": [(c) => c.getToken([]), "scopes"],
  "an empty scope": [(c) => c.getToken(""), "scopes"],
  "a scope of spaces": [(c) => c.getToken("  "), "scopes"],
  "an empty scope among others": [(c) => c.getToken([GRAPH, ""]), "scopes"],
  "a scope that is a number": [(c) => c.getToken(7), "scopes"],
  "a scope that is null among others": [(c) => c.getToken([GRAPH, null]), "scopes"],
  "scopes in an array in an array": [(c) => c.getToken([[GRAPH]]), "scopes"],
  "options before scopes": [(c) => c.getToken({}, GRAPH), "scopes"],
  "malformed claims": [(c) => c.getToken(GRAPH, { claims: "{" }), "claims"],
  "claims that are an array": [(c) => c.getToken(GRAPH, { claims: "[]" }), "claims"],
  "claims that are null": [(c) => c.getToken(GRAPH, { claims: "null" }), "claims"],
  "claims that are no string": [(c) => c.getToken(GRAPH, { claims: {} }), "claims"],
  "a bad tenant": [(c) => c.getToken(GRAPH, { tenantId: "a/b" }), "tenantId"],
  "a tenant that is a number": [(c) => c.getToken(GRAPH, { tenantId: 7 }), "tenantId"],
  "enableCae as a string": [(c) => c.getToken(GRAPH, { enableCae: "yes" }), "enableCae"],
  "a signal that is none": [(c) => c.getToken(GRAPH, { abortSignal: "stop" }), "abortSignal"],
  "a signal without listeners": [(c) => c.getToken(GRAPH, { signal: {} }), "signal"],
  "two signals": [
    (c) => c.getToken(GRAPH, { signal: SIGNAL, abortSignal: AbortSignal.abort() }),
    "signal",
  ],
  "authenticate with an empty scope": [(c) => c.authenticate({ scopes: "" }), "scopes"],
  "authenticate with a number": [(c) => c.authenticate(7), "scopes"],
  "authenticate with a scope that is a number": [(c) => c.authenticate({ scopes: [7] }), "scopes"],
  "authenticate with scopes twice": [(c) => c.authenticate(GRAPH, { scopes: GRAPH }), "scopes"],
  "authenticate with malformed claims": [(c) => c.authenticate({ claims: "{" }), "claims"],
  "authenticate with a bad tenant": [(c) => c.authenticate({ tenantId: "a b" }), "tenantId"],
};

for (const [what, [call, name]] of Object.entries(BAD_CALLS)) {
  test(`arguments: ${what} is refused, and nothing is sent`, async (t) => {
    const { create, asked, prompts } = await arrange(t);
    const credential = create();
    const error = await rejects(() => {
      const promise = call(credential);
      equal(promise instanceof Promise, true, "it rejects, it does not throw");
      return promise;
    }, TypeError);
    match(error.message, new RegExp(`\`\\w*${name}\\w*\``, "i"), error.message);
    deepEqual(await asked(), []);
    equal(prompts.length, 0);
  });
}

test("arguments: a text in the place of a record or a key names the conversion", () => {
  const construct = (options) => throws(() => new DeviceCodeCredential(options), TypeError).message;
  const text = JSON.stringify({ ...RECORD, version: "1.0" });
  match(construct({ authenticationRecord: text }), /`AuthenticationRecord\.deserialize\(text\)`/);
  const encryptionKey = btoa("0123456789abcdef0123456789abcdef");
  const told = construct({ cachePersistenceOptions: { encryptionKey } });
  match(told, /`Buffer\.from\(text, "base64"\)`/);
  equal(told.includes(encryptionKey), false);
});

test("arguments: a misspelt option is told, to the logger or else on the console", async (t) => {
  const { create, log } = await arrange(t);
  create({ tenantID: "contoso.com" });
  deepEqual(log, ["warning: `tenantID` is no option and has no effect: did you mean `tenantId`?"]);
  const { warn } = console;
  const lines = [];
  console.warn = (line) => lines.push(line);
  try {
    new DeviceCodeCredential({ tenantID: "contoso.com" });
    new DeviceCodeCredential({ tenantId: undefined });
  } finally {
    console.warn = warn;
  }
  deepEqual(lines, [`entra-device-code: ${log[0].slice("warning: ".length)}`]);
});

test("arguments: a misspelt option of an option is told with where it is", async (t) => {
  const { create, log } = await arrange(t);
  create({
    retryOptions: { maxretries: 1 },
    cachePersistenceOptions: { names: "mine", cachePlugin: memoryPlugin() },
    loggingOptions: { allowLoggingAccountIdentifiers: true },
    authenticationRecord: { ...RECORD, more: 1 },
    clientId: RECORD.clientId,
  });
  create({ client_id: "c", cachePersistanceOptions: {}, tenant: "t", proxyOptions: {} });
  deepEqual(log.splice(2).sort(), [
    "warning: `cachePersistanceOptions` is no option and has no effect: did you mean `cachePersistenceOptions`?",
    "warning: `client_id` is no option and has no effect: did you mean `clientId`?",
    "warning: `proxyOptions` is no option and has no effect",
    "warning: `tenant` is no option and has no effect: did you mean `tenantId`?",
  ]);
  const told = log.map((line) => line.replace(" is no option and has no effect", ""));
  deepEqual(told.sort(), [
    "warning: `cachePersistenceOptions.names`: did you mean `name`?",
    "warning: `retryOptions.maxretries`: did you mean `maxRetries`?",
  ]);
});

const BAD_RECORDS = {
  "an empty text": ["", /JSON/],
  "what is no JSON": ["{", /JSON/],
  "what is no object": ["7", /version/],
  null: ["null", /version/],
  "an array": ["[]", /version/],
  "no version": [JSON.stringify(RECORD), /version/],
  "another version": [JSON.stringify({ ...RECORD, version: "2.0" }), /2\.0/],
  "a version that is a number": [JSON.stringify({ ...RECORD, version: 1 }), /version/],
  "no homeAccountId": [
    JSON.stringify({ ...RECORD, homeAccountId: undefined, version: "1.0" }),
    /homeAccountId/,
  ],
  "an empty username": [JSON.stringify({ ...RECORD, username: "", version: "1.0" }), /username/],
};

for (const [what, [text, message]] of Object.entries(BAD_RECORDS)) {
  test(`arguments: a record of ${what} is not deserialized`, () => {
    for (const deserialize of [AuthenticationRecord.deserialize, deserializeAuthenticationRecord]) {
      match(throws(() => deserialize(text), TypeError).message, message);
    }
  });
}

test("arguments: a record of another shape is neither made nor serialized", () => {
  for (const fields of [undefined, null, {}, { ...RECORD, tenantId: 7 }]) {
    throws(() => new AuthenticationRecord(fields), TypeError);
    throws(() => serializeAuthenticationRecord(fields), TypeError);
  }
});

test("arguments: a record holds its fields, and they do not change", () => {
  const record = new AuthenticationRecord({ ...RECORD, other: 1 });
  deepEqual({ ...record }, RECORD);
  throws(() => {
    record.username = "eve@contoso.com";
  }, TypeError);
  deepEqual({ ...AuthenticationRecord.deserialize(record.serialize()) }, RECORD);
});
