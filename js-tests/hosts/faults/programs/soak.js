// Sign-ins and renewals, many at a time, some of whose requests meet a fault; and after each batch, what is left of it.
const instances = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    instances.push(this);
  }
};

const { AuthenticationError, DeviceCodeCredential } = await import("entra-device-code");
const { createChance } = await import("./chance.js");
const { FAULTS } = await import("./faults.js");
const { secretsIn } = await import("./secrets.js");
const { installVirtualTime } = await import("./virtual.js");

const { batches, atOnce, faulty, seed } = JSON.parse(process.argv.at(-1));
const SCOPE = "User.Read";
const RENEWALS = 2;
/** Of those that are done, so many are closed; the others are forgotten. */
const CLOSED = 0.5;
const ABORTED = 0.05;
/** So many keep their tokens in a store, and are at a host that isn't built in. */
const STORED = 0.25;
const ELSEWHERE = 0.3;
const HOST = "login.contoso.example";
const STEP = 100;

const hostTurn = setImmediate;
const chance = createChance(seed);
const faults = Object.values(FAULTS);
// Stores wait a random while: let it be a step, as all other waits are.
Math.random = () => 0;
// What stores need is loaded while time is the host's: that takes turns which no timer tells of.
await new DeviceCodeCredential({ cachePersistenceOptions: createStore() }).getAccounts();
const time = installVirtualTime({ turns: 2 });
const tally = {
  tokens: 0,
  errors: 0,
  aborted: 0,
  requests: 0,
  discoveries: 0,
  faults: 0,
  loads: 0,
  saves: 0,
  wrong: [],
};

for (let done = 1; done <= batches; done++) {
  await time.during(Promise.all(Array.from({ length: atOnce }, life)));
  await settle();
  console.log(JSON.stringify({ done: done * atOnce, ...measured(), ...tally }));
  tally.wrong = [];
}

/** A user signs in, and their tokens are renewed from time to time. */
async function life() {
  const server = createServer();
  const options = {
    fetch: server.fetch,
    promptCallback() {},
    logger() {},
    authority: chance() < ELSEWHERE ? HOST : undefined,
    cachePersistenceOptions: chance() < STORED ? createStore() : undefined,
  };
  let credential = new DeviceCodeCredential(options);
  await wait(chance() * 60_000);
  for (let n = 0; n <= RENEWALS; n++) {
    const giver = new AbortController();
    const gives = chance() < ABORTED;
    const call = credential.getToken(SCOPE, { abortSignal: giver.signal });
    if (gives) setTimeout(() => giver.abort(), chance() * 10_000);
    try {
      await call;
      tally.tokens += 1;
      // As it is cached, this is no request.
      await credential.getToken(SCOPE);
    } catch (error) {
      note(error, giver.signal, server.secrets);
    }
    await wait(3_600_000 + chance() * 60_000);
    if (options.cachePersistenceOptions) credential = await successor(credential, options);
  }
  leave(credential);
}

/** Of whoever keeps tokens in a store, the next program finds them there. */
async function successor(credential, options) {
  const [authenticationRecord] = await credential.getAccounts();
  leave(credential);
  return new DeviceCodeCredential({ ...options, authenticationRecord });
}

function leave(credential) {
  if (chance() < CLOSED) credential.close();
}

/** A storage of somebody's own, which fails now and then. */
function createStore() {
  const items = new Map();
  const mayFail = async (text) => {
    if (chance() >= faulty) return;
    tally.faults += 1;
    if (chance() < 0.5) throw new Error(`the store is out of order: ${text}`);
    await wait(chance() * 20_000);
  };
  return {
    allowUnencryptedStorage: true,
    partitioned: chance() < 0.5,
    storage: {
      async getItem(name) {
        tally.loads += 1;
        await mayFail(items.get(name));
        return items.get(name) ?? null;
      },
      async setItem(name, text) {
        tally.saves += 1;
        await mayFail(text);
        items.set(name, text);
      },
      async removeItem(name) {
        items.delete(name);
      },
    },
  };
}

function note(error, signal, secrets) {
  if (error === signal.reason) tally.aborted += 1;
  else tally.errors += 1;
  const isKnown = error === signal.reason || error instanceof AuthenticationError;
  if (!isKnown) tally.wrong.push(`${error?.stack}`);
  const leaks = secretsIn(error, secrets);
  if (leaks.length) tally.wrong.push(`${leaks} in ${error.message}`);
}

function createServer() {
  const secrets = [];
  const secret = (what) => {
    const value = `${what}-${crypto.randomUUID()}`;
    secrets.push(value);
    return value;
  };
  const tokens = () => ({
    access_token: secret("access-token"),
    refresh_token: secret("refresh-token"),
    token_type: "Bearer",
    expires_in: 3600,
    client_info: btoa('{"uid":"u","utid":"t"}').replaceAll("=", ""),
  });
  const codes = () => ({
    device_code: secret("device-code"),
    user_code: "ABCD1234",
    verification_uri: "https://microsoft.com/devicelogin",
    expires_in: 120,
    interval: 5,
  });

  function goodReply(url) {
    if (url.endsWith("/devicecode")) return codes();
    if (url.endsWith("/token")) return tokens();
    tally.discoveries += 1;
    const base = `https://${HOST}/organizations`;
    return {
      tenant_discovery_endpoint: `${base}/v2.0/.well-known/openid-configuration`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    };
  }

  async function fetch(url, init) {
    tally.requests += 1;
    await wait(chance() * 2000);
    init.signal.throwIfAborted();
    const good = goodReply(url);
    if (chance() < faulty) {
      tally.faults += 1;
      const fault = faults[Math.floor(chance() * faults.length)];
      return fault.reply(good, { url, init, note() {} });
    }
    if (init.body?.includes("device_code=") && chance() < 0.5) {
      return Response.json({ error: "authorization_pending" }, { status: 400 });
    }
    return Response.json(good);
  }
  return { fetch, secrets };
}

/** In steps, so that many wait for the same moment. */
function wait(milliseconds) {
  const steps = Math.ceil(milliseconds / STEP) * STEP;
  return new Promise((resolve) => setTimeout(resolve, steps));
}

/** Until nothing is left that only waits to be collected. */
async function settle() {
  for (let n = 0; n < 4; n++) {
    globalThis.gc();
    await new Promise((resolve) => hostTurn(resolve));
  }
}

function measured() {
  const exports = instances.flatMap((instance) => Object.values(instance.exports));
  const sum = (kind, size) =>
    exports.filter((value) => value instanceof kind).reduce((all, one) => all + size(one), 0);
  return {
    memory: sum(WebAssembly.Memory, (memory) => memory.buffer.byteLength),
    references: sum(WebAssembly.Table, (table) => table.length),
    heap: process.memoryUsage().heapUsed,
    timers: time.timers(),
    // The pipe to whoever reads this is there from the first line on.
    handles: process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY/.test(name)).length,
  };
}
