// Whatever comes in, by options, arguments, replies, stores, flows and records: each call ends, with what it promises or with an
// error that a program can tell.
const { AuthenticationError, DeviceCodeCredential } = await import("entra-device-code");
const { createChance } = await import("./chance.js");
const { installVirtualTime } = await import("./virtual.js");

const { count, seed, from = 0 } = JSON.parse(process.argv.at(-1));
const SCOPE = "User.Read";
const STATUSES = [200, 200, 201, 302, 400, 401, 404, 408, 429, 500, 503];
/** Of the options, arguments, replies and items, so many are not as they should be. */
const ODD = 0.2;
const CONTROL = 100;

const time = installVirtualTime({ turns: 3 });
const tally = { trials: 0, calls: 0, tokens: 0, errors: {}, wrong: [] };
let trial = 0;
let chance = createChance(seed);
// Where no `fetch` is given, nor a logger.
globalThis.fetch = fetch;
const print = console.log;
for (const method of ["log", "warn", "debug"]) console[method] = () => {};
process.on("unhandledRejection", (reason) => wrong("an unhandled rejection", reason));

/** Thrown by what we plant: a program's own exceptions are its own. */
const PLANTED = new Error("planted");
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
  const credential = new DeviceCodeCredential({ fetch, promptCallback() {} });
  const call = time.during(credential.getToken(SCOPE));
  await call.catch((error) => wrong("the next credential fails", error));
}

async function perform() {
  let credential;
  try {
    credential = new DeviceCodeCredential(options());
  } catch (error) {
    return note("new", error);
  }
  let flow;
  let record;
  for (let n = 0; n < 4; n++) {
    await pick([
      () => call("getToken", [scopes(), callOptions()]),
      () => call("getToken", [SCOPE]),
      async () => {
        record = (await call("authenticate", [scopes(), callOptions()])) ?? record;
      },
      async () => {
        flow = (await call("initiateDeviceFlow", [scopes(), callOptions()]))?.flow ?? flow;
      },
      () => call("acquireTokenByDeviceFlow", [altered(flow), { once: chance() < 0.5 }]),
      () => call("getAccounts", []),
      () => call("removeAccount", [maybe() ? odd() : altered(record)]),
    ])();
  }
  if (chance() < 0.3) credential.close();

  async function call(method, args) {
    tally.calls += 1;
    try {
      const result = await credential[method](...args);
      check(method, result);
      return result;
    } catch (error) {
      note(method, error);
    }
  }
}

function check(method, result) {
  if (method !== "getToken") return;
  tally.tokens += 1;
  // RFC 6749, appendix A.12.
  if (!/^[\x20-\x7e]+$/.test(result?.token)) wrong("no token", result);
  if (!Number.isFinite(result.expiresOnTimestamp)) wrong("no time", result);
}

function note(what, error) {
  if (error === PLANTED) return;
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
    fetch,
    promptCallback() {},
    logger() {},
    timeout: pick([undefined, 30, 900]),
    requestTimeout: pick([undefined, 1000]),
    retryOptions: { maxRetries: 1, retryDelayInMs: 10 },
    additionallyAllowedTenants: ["*"],
    disableInstanceDiscovery: chance() < 0.5,
    disableAutomaticAuthentication: chance() < 0.1,
    cachePersistenceOptions: pick([undefined, persistence()]),
  };
  const names = Object.keys(good);
  if (maybe()) good[pick(names)] = odd();
  if (maybe()) good[pick(names)] = odd();
  return maybe() && maybe() ? odd() : good;
}

function persistence() {
  const items = new Map();
  const storage = {
    getItem(name) {
      return maybe() ? sometimes(odd) : altered(items.get(name) ?? null);
    },
    setItem(name, text) {
      if (maybe()) return sometimes(odd);
      items.set(name, text);
    },
    removeItem(name) {
      items.delete(name);
    },
  };
  const good = { storage, allowUnencryptedStorage: true, partitioned: chance() < 0.5 };
  if (maybe()) good[pick(Object.keys(good))] = odd();
  return good;
}

/** What `make` makes, or an exception, or a rejection. */
function sometimes(make) {
  const how = chance();
  if (how < 0.3) throw PLANTED;
  return how < 0.6 ? rejected() : make();
}

function rejected() {
  const promise = Promise.reject(PLANTED);
  promise.catch(() => {});
  return promise;
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
