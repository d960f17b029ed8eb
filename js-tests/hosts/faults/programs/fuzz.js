// Whatever comes in, by options, arguments, replies, stores, flows and records: each call ends, with what it promises or with an
// error that a program can tell.
import {
  AuthenticationError,
  AuthenticationRecord,
  DeviceCodeCredential,
  parseClaimsChallenge,
} from "entra-device-code";
import { count, kinds } from "./fuzz/kinds.js";
import {
  altered,
  begin,
  calling,
  chance,
  exception,
  maybe,
  odd,
  PLANTED,
  pick,
  sometimes,
} from "./fuzz/odd.js";
import { fetch, goodReply, METADATA, SCOPE } from "./fuzz/replies.js";
import { plugin, storage } from "./fuzz/stores.js";
import { installVirtualTime } from "./virtual.js";

const { count: trials, seed, from = 0 } = JSON.parse(process.argv.at(-1));
const CONTROL = 100;

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

const tally = { trials: 0, calls: 0, tokens: 0, errors: {}, kinds, wrong: [] };
let trial = 0;
// Where no `fetch` is given, nor a logger.
globalThis.fetch = fetch;
const print = console.log;
for (const method of ["log", "warn", "debug"]) console[method] = () => {};
process.on("unhandledRejection", (reason) => wrong("an unhandled rejection", reason));

let credential;

for (trial = from; trial < from + trials; trial++) {
  begin(seed + 7919 * (trial + 1), callAgain);
  await time.during(perform()).catch((error) => wrong("no end", error));
  tally.trials += 1;
  if (trial % CONTROL === 0) await control();
}
print(JSON.stringify(tally));

/** From within an exception. */
function callAgain() {
  if (!credential) return false;
  credential.getToken(SCOPE).catch((error) => note("a call from within an exception", error));
  return true;
}

/** Whatever came before, the next credential signs in. */
async function control() {
  const fetch = async (url, init) => Response.json(goodReply(url, init));
  const next = new DeviceCodeCredential({ fetch, promptCallback() {} });
  const call = time.during(next.getToken(SCOPE));
  await call.catch((error) => wrong("the next credential fails", error));
}

async function perform() {
  credential = undefined;
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
      initiate,
      () => goOn(flow ? altered(flow) : odd()),
      async () => {
        if (flow ?? (await initiate())) await goOn(flow);
      },
      async () => {
        const accounts = await call("getAccounts", []);
        found = accounts?.[0] ?? found;
      },
      () => call("getToken", [SCOPE, { claims: challenge() }]),
      () => call("removeAccount", [maybe() ? odd() : altered(found)]),
      async () => {
        const last = call("getToken", [SCOPE]);
        if (chance() < 0.2) {
          own.close();
          count("closedMeanwhile");
        }
        await last;
      },
    ])();
  }
  if (chance() < 0.3) own.close();

  async function initiate() {
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
    count("recordsRead");
    return found;
  } catch (error) {
    count("recordsRefused");
    if (error?.constructor !== TypeError) wrong("deserialize", error);
  }
}

/** The claims of a resource's 401, which may say anything. */
function challenge() {
  const claims = pick(['{"access_token":{"nbf":{"essential":true}}}', "[]", "{", "7", '{"a":"ü"}']);
  const encoded = pick([
    (text) => Buffer.from(text).toString("base64"),
    encodeURIComponent,
    altered,
  ]);
  const header = altered(
    `${pick(["Bearer", "Bearer", "PoP"])} realm="", error="insufficient_claims", claims="${encoded(claims)}"`,
  );
  const given = pick([
    () => header,
    () => ({ headers: new Map([["www-authenticate", header]]) }),
    () => ({ headers: { get: () => odd() } }),
    odd,
  ])();
  try {
    const found = parseClaimsChallenge(given);
    count(found === undefined ? "challengesWithout" : "challengesRead");
    if (found !== undefined && JSON.parse(found)?.constructor !== Object) wrong("no claims", found);
    return found;
  } catch (error) {
    count("challengesRefused");
    const isKnown = error?.constructor === TypeError && error.message.includes("`challenge`");
    if (!isKnown && error !== PLANTED) wrong("parseClaimsChallenge", error);
  }
}

function check(method, result) {
  if (method === "removeAccount") count("accountsRemoved");
  if (method === "acquireTokenByDeviceFlow") {
    count("flowsGoneOn");
    if (result?.status === "pending") return checkPending(result);
    if (result?.status !== "succeeded") return wrong("no status", result);
    count("flowsEnded");
  } else if (method !== "getToken") return;
  tally.tokens += 1;
  // RFC 6749, appendix A.12.
  if (!/^[\x20-\x7e]+$/.test(result?.token)) wrong("no token", result);
  if (!Number.isFinite(result.expiresOnTimestamp)) wrong("no time", result);
}

function checkPending({ flow, retryAfter }) {
  count("flowsPending");
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
      count("promptsFailed");
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
    count("recordsGiven");
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
    count("aborted");
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
