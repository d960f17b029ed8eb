/** One cell of the table: a credential, a server that is well but for one kind of request, and what comes of it. */

import { AuthenticationError, DeviceCodeCredential } from "entra-device-code";
import { COLUMNS } from "./columns.js";
import { secretsIn } from "./secrets.js";

const SCOPE = "User.Read";

/**
 * @typedef {object} Settings
 * @property {number} interval of polls, like all that follows in milliseconds
 * @property {number} life of a code
 * @property {number} retries
 * @property {number} delay before the first retry
 * @property {number} requestTimeout
 * @property {number} rests how long to wait until a renewal that failed is tried again
 * @property {boolean} isReal whether the faults are, and the time
 */

/**
 * @param {object} input
 * @param {string} input.column
 * @param {import("./faults.js").Fault} input.fault
 * @param {"always" | "once"} input.mode
 * @param {Settings} input.settings
 * @param {() => number} input.now
 */
export async function observe({ column: name, fault, mode, settings, now }) {
  const column = COLUMNS[name];
  const server = createServer({ column, fault, mode, settings });
  const log = [];
  let prompts = 0;
  const options = {
    authority: column.authority,
    tenantId: "contoso.example",
    cachePersistenceOptions: column.isAnother && createStore(),
    fetch: server.fetch,
    promptCallback: () => {
      prompts += 1;
    },
    enableSupportLogging: true,
    logger: (level, line) => void log.push(`${level}: ${line}`),
    ...(settings.isReal && {
      retryOptions: { maxRetries: settings.retries, retryDelayInMs: settings.delay },
      requestTimeout: settings.requestTimeout,
    }),
  };
  let credential = new DeviceCodeCredential(options);

  /** A call, and what came of it. */
  async function call() {
    const before = { requests: server.requests(), prompts };
    const began = now();
    const known = server.tokens();
    const result = {};
    try {
      const { token } = await credential.getToken(SCOPE);
      result.result = known.includes(token) ? "the token that lives" : "a token";
    } catch (error) {
      const { statusCode, message, errorResponse } = error;
      Object.assign(result, {
        result: "an error",
        name: error.name,
        isOurs: error instanceof AuthenticationError,
        statusCode,
        message,
        error: errorResponse?.error,
        leaks: secretsIn(error, server.secrets),
      });
    }
    result.took = now() - began;
    result.requests = server.requests() - before.requests;
    result.prompts = prompts - before.prompts;
    return result;
  }

  /** A credential that knows nothing but what is in the store. */
  async function another() {
    const [authenticationRecord] = await credential.getAccounts();
    credential.close();
    return new DeviceCodeCredential({ ...options, authenticationRecord });
  }

  try {
    if (column.first) {
      await credential.getToken(SCOPE);
      if (column.isAnother) credential = await another();
      await wait(column.later ?? 0);
    }
    server.falls();
    const seen = await call();
    seen.read = server.noted.read;
    const isRenewed = column.manner === "renewed" && seen.result === "the token that lives";
    if (isRenewed) seen.resting = await call();
    server.recovers();
    if (isRenewed) await wait(settings.rests);
    seen.afterwards = await call();
    seen.logLeaks = secretsIn(log, server.secrets);
    return seen;
  } finally {
    credential.close();
  }
}

/** Loads what stores need, while time is the host's: that takes turns which no timer tells of. */
export async function loadStores() {
  const credential = new DeviceCodeCredential({ cachePersistenceOptions: createStore() });
  await credential.getAccounts();
  credential.close();
}

function createStore() {
  const items = new Map();
  return {
    allowUnencryptedStorage: true,
    storage: {
      getItem: (name) => items.get(name) ?? null,
      setItem: (name, text) => void items.set(name, text),
      removeItem: (name) => void items.delete(name),
    },
  };
}

function wait(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function createServer({ column, fault, mode, settings }) {
  const { interval, life } = settings;
  const secrets = [];
  const tokens = [];
  const noted = {};
  let requests = 0;
  let isFaulty = false;
  let isFirst = true;

  const secret = (what) => {
    const value = `${what}-${crypto.randomUUID()}`;
    secrets.push(value);
    return value;
  };

  function good(url) {
    const { host } = new URL(url);
    if (url.includes("/instance?")) {
      const tenant = `${column.authority}/contoso.example/v2.0`;
      return { tenant_discovery_endpoint: `${tenant}/.well-known/openid-configuration` };
    }
    if (url.endsWith("/openid-configuration")) {
      const base = `https://${host}/contoso.example/oauth2/v2.0`;
      return {
        token_endpoint: `${base}/token`,
        device_authorization_endpoint: `${base}/devicecode`,
      };
    }
    if (url.endsWith("/devicecode")) {
      return {
        device_code: secret("device-code"),
        user_code: "ABCD1234",
        verification_uri: "https://microsoft.com/devicelogin",
        message: "Enter ABCD1234.",
        expires_in: life / 1000,
        interval: interval / 1000,
      };
    }
    const token = {
      access_token: secret("access-token"),
      refresh_token: secret("refresh-token"),
      token_type: "Bearer",
      expires_in: 3600,
      client_info: btoa('{"uid":"u","utid":"t"}').replaceAll("=", ""),
      ...(isFirst && column.first),
    };
    isFirst = false;
    tokens.push(token.access_token);
    return token;
  }

  /** As `fetch` does, which may throw at once. */
  function answer(url, init) {
    const isOfColumn = column.is(url, init);
    if (isOfColumn) requests += 1;
    if (isOfColumn && isFaulty) {
      const number = requests - (column.healthy ?? 0);
      if (number <= 0) return Response.json({ error: "authorization_pending" }, { status: 400 });
      if (mode === "always" || number === 1) {
        const note = (what) => void Object.assign(noted, what);
        const known = tokens.length;
        const reply = fault.reply(good(url), { url, init, note });
        // Nobody got what was in it.
        if (fault.nature !== "harmless") tokens.length = known;
        return reply;
      }
    }
    return Response.json(good(url));
  }

  return {
    fetch: answer,
    secrets,
    noted,
    requests: () => requests,
    tokens: () => [...tokens],
    falls: () => {
      isFaulty = true;
      requests = 0;
    },
    recovers: () => {
      isFaulty = false;
    },
  };
}
