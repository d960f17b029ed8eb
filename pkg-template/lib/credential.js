// The public class. It hides what the WebAssembly glue adds to its own.
import { core } from "./core.js";
import { createError } from "./errors.js";
import { environment, platform } from "./platform.js";
import { AuthenticationRecord } from "./record.js";
import { openStore } from "./store.js";

const bindings = {
  createError,
  createToken(token, expiresOnTimestamp, refreshAfterTimestamp) {
    const accessToken = { token, expiresOnTimestamp, tokenType: "Bearer" };
    if (refreshAfterTimestamp !== undefined) {
      accessToken.refreshAfterTimestamp = refreshAfterTimestamp;
    }
    return accessToken;
  },
  createRecord(authority, clientId, homeAccountId, tenantId, username) {
    return new AuthenticationRecord({ authority, clientId, homeAccountId, tenantId, username });
  },
  environment,
  platform,
  openStore,
};

export class DeviceCodeCredential {
  #core;

  constructor(...args) {
    this.#core = new (core().Credential)(args, bindings);
  }

  getToken(...args) {
    return this.#core.getToken(args);
  }

  authenticate(...args) {
    return this.#core.authenticate(args);
  }

  removeAccount() {
    return this.#core.removeAccount();
  }

  close() {
    this.#core.close();
  }
}

for (const symbol of [Symbol.dispose, Symbol.asyncDispose]) {
  // Older runtimes have neither.
  if (symbol) {
    const value = symbol === Symbol.dispose ? dispose : asyncDispose;
    Object.defineProperty(DeviceCodeCredential.prototype, symbol, { value, configurable: true, writable: true });
  }
}

function dispose() {
  this.close();
}

async function asyncDispose() {
  this.close();
}
