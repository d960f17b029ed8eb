// Whatever comes in, by options, arguments, replies, stores, flows and records: each call ends, with what it promises or with an
// error that a program can tell.
const { AuthenticationError, AuthenticationRecord, DeviceCodeCredential } = await import(
  "entra-device-code"
);
const { createChance } = await import("./chance.js");
const { installVirtualTime } = await import("./virtual.js");

const { count, seed, from = 0 } = JSON.parse(process.argv.at(-1));
const SCOPE = "User.Read";
const STATUSES = [200, 200, 201, 302, 400, 401, 404, 408, 429, 500, 503];
/** Of the options, arguments, replies and items, so many are not as they should be. */
const ODD = 0.2;
const CONTROL = 100;
const METADATA = "https://id.example/t/.well-known/openid-configuration";

/** How often a call from within an exception begins another, in each trial: it may meet such an exception, too. */
const AGAIN = 5;

let encrypting = 0;
const time = installVirtualTime({ turns: 3, isBusy: () => encrypting > 0 });
for (const method of ["encrypt", "decrypt"]) {
  const { [method]: call } = crypto.subtle;
  crypto.subtle[method] = async (...args) => {
    encrypting += 1;
    try {
      return await call.apply(crypto.subtle, args);
    } finally {
      encrypting -= 1;
    }
  };
}

/** How often things came to what they are for: a kind that never does is not tried. */
const kinds = {
  flowsGoneOn: 0,
  flowsPending: 0,
  flowsEnded: 0,
  recordsRead: 0,
  recordsGiven: 0,
  accountsRemoved: 0,
  itemsEncrypted: 0,
  pluginWrites: 0,
  metadataRead: 0,
  aborted: 0,
  closedMeanwhile: 0,
  promptsFailed: 0,
  calledAgain: 0,
};
const tally = { trials: 0, calls: 0, tokens: 0, errors: {}, kinds, wrong: [] };
let trial = 0;
let chance = createChance(seed);
// Where no `fetch` is given, nor a logger.
globalThis.fetch = fetch;
const print = console.log;
for (const method of ["log", "warn", "debug"]) console[method] = () => {};
process.on("unhandledRejection", (reason) => wrong("an unhandled rejection", reason));

/** Thrown by what we plant: a program's own exceptions are its own. */
const PLANTED = new Error("planted");
/** And such as call the credential again when they are looked at. */
const calling = new WeakSet();
let credential;
let again = 0;
const pick = (list) => list[Math.floor(chance() * list.length)];
const maybe = () => chance() < ODD;

for (trial = from; trial < from + count; trial++) {
  chance = createChance(seed + 7919 * (trial + 1));
  await time.during(perform()).catch((error) => wrong("no end", error));
  tally.trials += 1;
  if (trial % CONTROL === 0) await control();
}
print(JSON.stringify(tally));

/** Whatever came before, the next credential signs in. */
async function control() {
  const fetch = async (url, init) => Response.json(goodReply(url, init));
  const next = new DeviceCodeCredential({ fetch, promptCallback() {} });
  const call = time.during(next.getToken(SCOPE));
  await call.catch((error) => wrong("the next credential fails", error));
}

async function perform() {
  credential = undefined;
  again = AGAIN;
  try {
    credential = new DeviceCodeCredential(options());
  } catch (error) {
    return note("new", error);
  }
  const own = credential;
  let flow;
  let found;
  for (let n = 0; n < 4; n++) {
    await pick([
      () => call("getToken", [scopes(), callOptions()]),
      () => call("getToken", [SCOPE]),
      async () => {
        found = (await call("authenticate", [scopes(), callOptions()])) ?? found;
        if (found instanceof AuthenticationRecord) read(found.serialize());
      },
      begin,
      () => goOn(flow ? altered(flow) : odd()),
      async () => {
        if (flow ?? (await begin())) await goOn(flow);
      },
      async () => {
        const accounts = await call("getAccounts", []);
        found = accounts?.[0] ?? found;
      },
      () => call("removeAccount", [maybe() ? odd() : altered(found)]),
      async () => {
        const last = call("getToken", [SCOPE]);
        if (chance() < 0.2) {
          own.close();
          kinds.closedMeanwhile += 1;
        }
        await last;
      },
    ])();
  }
  if (chance() < 0.3) own.close();

  async function begin() {
    const args = maybe() ? [scopes(), callOptions()] : [SCOPE];
    flow = (await call("initiateDeviceFlow", args)) ?? flow;
    return flow;
  }

  async function goOn(given) {
    const how = { once: chance() < 0.5, abortSignal: signal() };
    const result = await call("acquireTokenByDeviceFlow", [given, maybe() ? odd() : how]);
    if (result?.status === "pending") flow = result.flow;
  }

  async function call(method, args) {
    tally.calls += 1;
    try {
      const result = await own[method](...args);
      check(method, result);
      return result;
    } catch (error) {
      note(method, error);
    }
  }
}

/** A record that was kept as text, perhaps by somebody who changed it. */
function read(text) {
  try {
    const found = AuthenticationRecord.deserialize(maybe() ? odd() : altered(text));
    kinds.recordsRead += 1;
    return found;
  } catch (error) {
    if (error?.constructor !== TypeError) wrong("deserialize", error);
  }
}

function check(method, result) {
  if (method === "removeAccount") kinds.accountsRemoved += 1;
  if (method === "acquireTokenByDeviceFlow") {
    kinds.flowsGoneOn += 1;
    if (result?.status === "pending") return checkPending(result);
    if (result?.status !== "succeeded") return wrong("no status", result);
    kinds.flowsEnded += 1;
  } else if (method !== "getToken") return;
  tally.tokens += 1;
  // RFC 6749, appendix A.12.
  if (!/^[\x20-\x7e]+$/.test(result?.token)) wrong("no token", result);
  if (!Number.isFinite(result.expiresOnTimestamp)) wrong("no time", result);
}

function checkPending({ flow, retryAfter }) {
  kinds.flowsPending += 1;
  if (typeof flow?.integrity !== "string" || !(retryAfter >= 0))
    wrong("no flow to go on with", flow);
}

function note(what, error) {
  if (error === PLANTED || calling.has(error)) return;
  const name = error?.constructor === TypeError ? "TypeError" : error?.name;
  tally.errors[name] = (tally.errors[name] ?? 0) + 1;
  const isKnown = error instanceof AuthenticationError || error?.constructor === TypeError;
  // What the signal was given is the caller's own.
  if (!isKnown && name !== "AbortError") return wrong(what, error);
  if (
    !error.message ||
    /WebAssembly instance|unreachable|undefined is not|of undefined/.test(error.message)
  ) {
    wrong(what, error);
  }
}

function wrong(what, error) {
  tally.wrong.push(
    `trial ${trial}, ${what}: ${error?.stack ?? String(error)} ${error?.cause?.stack ?? ""}`,
  );
}

function options() {
  const good = {
    clientId: "11111111-2222-3333-4444-555555555555",
    tenantId: "contoso.com",
    authority: pick(["login.microsoftonline.com", "login.contoso.example"]),
    metadataUrl: undefined,
    authenticationRecord: undefined,
    useStoredAccount: chance() < 0.1,
    fetch,
    promptCallback() {
      if (chance() > 0.1) return;
      kinds.promptsFailed += 1;
      return sometimes(odd);
    },
    logger() {
      if (chance() < 0.01) return sometimes(odd);
    },
    timeout: pick([undefined, 30, 900]),
    requestTimeout: pick([undefined, 1000]),
    retryOptions: { maxRetries: 1, retryDelayInMs: 10 },
    additionallyAllowedTenants: ["*"],
    disableInstanceDiscovery: chance() < 0.5,
    disableAutomaticAuthentication: chance() < 0.1,
    cachePersistenceOptions: pick([undefined, persistence()]),
  };
  if (maybe()) {
    good.authority = undefined;
    good.tenantId = undefined;
    good.metadataUrl = METADATA;
  }
  if (maybe()) {
    good.authenticationRecord = record();
    kinds.recordsGiven += 1;
  }
  const names = Object.keys(good);
  if (maybe()) good[pick(names)] = odd();
  if (maybe()) good[pick(names)] = odd();
  return maybe() && maybe() ? odd() : good;
}

function record() {
  const fields = {
    authority: "login.microsoftonline.com",
    clientId: "11111111-2222-3333-4444-555555555555",
    homeAccountId: "ada.contoso",
    tenantId: "contoso",
    username: "ada",
    version: "1.0",
  };
  return read(JSON.stringify(fields)) ?? altered(fields);
}

/** Of a call that is given up: before it begins, while it waits, or never. */
function signal() {
  if (chance() < 0.7) return undefined;
  const controller = new AbortController();
  const abort = () => {
    kinds.aborted += 1;
    controller.abort(pick([PLANTED, undefined, exception()]));
  };
  if (chance() < 0.2) abort();
  else setTimeout(abort, chance() * 20_000);
  return controller.signal;
}

function persistence() {
  const good = chance() < 0.3 ? { cachePlugin: plugin() } : storage();
  if (maybe()) good[pick(Object.keys(good))] = odd();
  return good;
}

function plugin() {
  let text = "";
  return {
    async beforeCacheAccess({ tokenCache }) {
      if (maybe()) return sometimes(odd);
      tokenCache.deserialize(maybe() ? odd() : altered(text));
    },
    async afterCacheAccess({ cacheHasChanged, tokenCache }) {
      if (maybe()) return sometimes(odd);
      if (!cacheHasChanged) return;
      kinds.pluginWrites += 1;
      text = tokenCache.serialize();
    },
  };
}

function storage() {
  const items = new Map();
  const storage = {
    getItem(name) {
      return maybe() ? sometimes(odd) : altered(items.get(name) ?? null);
    },
    setItem(name, text) {
      if (maybe()) return sometimes(odd);
      if (text.startsWith("eyJ")) kinds.itemsEncrypted += 1;
      items.set(name, text);
    },
    removeItem(name) {
      items.delete(name);
    },
  };
  return {
    storage,
    allowUnencryptedStorage: true,
    encryptionKey: pick([undefined, new Uint8Array(32).fill(7)]),
    partitioned: chance() < 0.5,
  };
}

/** What `make` makes, or an exception, or a rejection. */
function sometimes(make) {
  const how = chance();
  if (how < 0.3) throw exception();
  return how < 0.6 ? rejected() : make();
}

function rejected() {
  const promise = Promise.reject(exception());
  promise.catch(() => {});
  return promise;
}

/** Whoever asks some of them what they say is led back into the package. */
function exception() {
  if (!maybe()) return PLANTED;
  const say = () => {
    if (credential && again > 0) {
      again -= 1;
      kinds.calledAgain += 1;
      credential.getToken(SCOPE).catch((error) => note("a call from within an exception", error));
    }
    return "planted";
  };
  const made = pick([
    () => Object.defineProperty(new Error(), "message", { get: say }),
    () => ({ toString: say }),
    () => Object.defineProperty(new Error("planted"), "cause", { get: say }),
  ])();
  calling.add(made);
  return made;
}

function scopes() {
  return maybe() ? odd() : pick([SCOPE, [SCOPE, "Mail.Read"], { scopes: SCOPE }]);
}

function callOptions() {
  if (maybe()) return odd();
  const good = {
    claims: pick([undefined, '{"access_token":{}}']),
    tenantId: pick([undefined, "fabrikam.com"]),
    enableCae: chance() < 0.5,
    abortSignal: signal(),
  };
  if (maybe()) good[pick(Object.keys(good))] = odd();
  return good;
}

async function fetch(url, init) {
  if (maybe()) return sometimes(pick([odd, oddResponse]));
  const status = maybe() ? pick(STATUSES) : 200;
  const isPending = `${init.body}`.includes("device_code=") && chance() < 0.3;
  const reply = isPending ? { error: "authorization_pending" } : goodReply(url, init);
  if (maybe()) reply[pick(Object.keys(reply))] = plainOdd();
  const text = altered(JSON.stringify(reply));
  const headers = maybe()
    ? { "retry-after": pick(["1", "-1", "1e9", "soon", "Wed, 21 Oct 9999 07:28:00 GMT"]) }
    : {};
  return new Response(text, { status: isPending ? 400 : status, headers });
}

function oddResponse() {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(odd());
      controller.close();
    },
  });
  return pick([
    { status: 200, headers: new Headers(), body },
    { status: odd(), headers: odd(), body: odd(), text: odd() },
    { status: 200, headers: { get: () => odd() }, body: null, text: async () => odd() },
    { status: 200, headers: { get: () => null }, body: { getReader: () => odd() } },
  ]);
}

function goodReply(url) {
  const { host } = new URL(url);
  if (url.includes("/discovery/instance")) {
    return { tenant_discovery_endpoint: `https://${host}/t`, metadata: [] };
  }
  if (url.includes("/openid-configuration")) {
    if (url === METADATA) kinds.metadataRead += 1;
    return {
      issuer: `https://${host}/t`,
      token_endpoint: `https://${host}/t/token`,
      device_authorization_endpoint: `https://${host}/t/devicecode`,
    };
  }
  if (url.includes("/devicecode")) {
    return {
      device_code: "DAQABIQEAAADnfolhJpSnRYB1SVj",
      user_code: "ABCD1234",
      verification_uri: "https://microsoft.com/devicelogin",
      expires_in: 120,
      interval: 5,
      message: "enter ABCD1234",
    };
  }
  return {
    token_type: "Bearer",
    access_token: `token${chance()}`,
    refresh_token: `refresh token ${chance()}`,
    expires_in: 3600,
    refresh_in: 1800,
    scope: SCOPE,
    client_info: "eyJ1aWQiOiJhZGEiLCJ1dGlkIjoiY29udG9zbyJ9",
    id_token: `e30.${btoa('{"sub":"ada","tid":"contoso","preferred_username":"ada"}').replaceAll("=", "")}.`,
  };
}

/** Text that somebody has been at; anything else is now and then something odd. */
function altered(value) {
  if (!maybe()) return value;
  if (typeof value !== "string") return value && chance() < 0.5 ? { ...value, ...member() } : odd();
  const at = Math.floor(chance() * (value.length + 1));
  const end = at + Math.floor(chance() * 20);
  const part = value.slice(at, end);
  return pick([
    value.slice(0, at),
    value.slice(0, at) + value.slice(end),
    value.slice(0, at) + part + part + value.slice(end),
    value.slice(0, at) + pick(["\0", "\ud800", '"', "{", "[", "1e400", "\u202e"]) + value.slice(at),
  ]);
}

function member() {
  return { [pick(["homeAccountId", "clientId", "version", "authority", "scopes"])]: odd() };
}

/** What JSON can hold. */
function plainOdd() {
  return pick([
    null,
    true,
    -1,
    0,
    1e308,
    "",
    " ",
    "\ud800",
    "x".repeat(5000),
    [],
    {},
    [[[[]]]],
    "0x10",
  ]);
}

function odd() {
  return pick([
    plainOdd,
    () => undefined,
    () => Number.NaN,
    () => 1n,
    () => Symbol("odd"),
    () => () => odd(),
    () => new Date(Number.NaN),
    () => new Uint8Array(3),
    () => new Map([[1, 2]]),
    () => rejected(),
    () => Object.create(null),
    () => deep(2000),
    () =>
      new Proxy(
        {},
        {
          get() {
            throw PLANTED;
          },
        },
      ),
    () => ({
      toString() {
        throw PLANTED;
      },
    }),
  ])();
}

function deep(levels) {
  let value = {};
  for (let n = 0; n < levels; n++) value = { value };
  return value;
}
