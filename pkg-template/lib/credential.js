// The public class: what callers write in, promises out.
import { continueFlow, createFlow, readFlow } from "./device-flow.js";
import {
  ACQUIRE_TOKEN_BY_DEVICE_FLOW,
  AUTHENTICATE,
  Driver,
  GET_ACCOUNTS,
  GET_TOKEN,
  INITIATE_DEVICE_FLOW,
  POLL_DEVICE_FLOW,
  REMOVE_ACCOUNT,
} from "./driver.js";
import { CredentialUnavailableError } from "./errors.js";
import { readAcquireByFlow, readAuthenticate, readGetToken, readOptions } from "./options.js";
import { AuthenticationRecord } from "./record.js";
import { openStore } from "./store.js";

export class DeviceCodeCredential {
  // The bundle is minified: without this, the class would go by another name in logs.
  static name = "DeviceCodeCredential";
  #config;
  #driver;

  constructor(...args) {
    const { config, persistence, ...lent } = readOptions(args);
    this.#config = config;
    const write = (level, line) => log(lent.logger, config.enableSupportLogging, level, line);
    this.#driver = new Driver(config, {
      store: persistence && openStore(persistence, write),
      fetch: () => lent.fetch ?? hostFetch(),
      prompt: (prompt) => showPrompt(lent, prompt),
      log: write,
    });
  }

  async getToken(...args) {
    return this.#driver.call(GET_TOKEN, readGetToken(args));
  }

  async authenticate(...args) {
    return this.#driver.call(AUTHENTICATE, readAuthenticate(args));
  }

  async initiateDeviceFlow(...args) {
    // One for all requests of the flow, in whatever process.
    const given = readGetToken(args);
    const asked = { ...given, scopes: [...given.scopes], correlationId: crypto.randomUUID() };
    const begun = await this.#driver.call(INITIATE_DEVICE_FLOW, asked);
    return createFlow(begun, asked, this.#config);
  }

  async acquireTokenByDeviceFlow(...args) {
    const { flow, once, signal } = readAcquireByFlow(args);
    const asked = readFlow(flow, this.#config);
    const what = once ? POLL_DEVICE_FLOW : ACQUIRE_TOKEN_BY_DEVICE_FLOW;
    const answer = await this.#driver.call(what, { ...asked, signal });
    if (answer.token) return { status: "succeeded", ...answer };
    const retryAfter = Math.max(0, answer.pollAfterTimestamp - Date.now());
    return { status: "pending", flow: continueFlow(flow, answer), retryAfter };
  }

  async getAccounts() {
    const { clientId, tenantId } = this.#config;
    const accounts = await this.#driver.call(GET_ACCOUNTS, {});
    return accounts.map((account) => new AuthenticationRecord({ clientId, tenantId, ...account }));
  }

  async removeAccount() {
    return this.#driver.call(REMOVE_ACCOUNT, {});
  }

  close() {
    this.#driver.close();
  }
}

// Older runtimes have neither symbol.
if (Symbol.dispose) {
  DeviceCodeCredential.prototype[Symbol.dispose] = function () {
    this.close();
  };
}
if (Symbol.asyncDispose) {
  DeviceCodeCredential.prototype[Symbol.asyncDispose] = async function () {
    this.close();
  };
}

/** Looked up at each request, so that instrumentation and mocks work. */
function hostFetch() {
  const { fetch } = globalThis;
  if (!fetch) {
    throw new CredentialUnavailableError("this runtime has no `fetch`: give one as an option");
  }
  return fetch;
}

function showPrompt({ promptCallback, userPromptCallback }, prompt) {
  if (promptCallback) {
    return promptCallback(prompt.verificationUri, prompt.userCode, prompt.expiresOn);
  }
  if (userPromptCallback) return userPromptCallback(prompt);
  console.log(prompt.message);
}

// The core's levels, as @azure/logger has them and as `console` has them.
const LEVELS = [
  ["warning", "warn"],
  ["info", "info"],
  ["verbose", "debug"],
];

function log(logger, enabled, level, line) {
  const [name, method] = LEVELS[level];
  try {
    if (typeof logger === "function") logger(name, line);
    else if (logger) (logger[name] ?? logger[method])?.call(logger, line);
    else if (enabled) console.debug(`entra-device-code: ${line}`);
  } catch {
    // A logger that throws is no reason to fail.
  }
}
