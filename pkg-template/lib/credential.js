// The public class, around the one that Rust exports: it hides what the glue adds to that, and outlives its instance.
import { withCaller } from "./errors.js";
import { instance } from "./instance.js";

/** @import { Core, Instance } from "./types.js" */

export class DeviceCodeCredential {
  // The bundle is minified: without this, the class would go by another name in logs.
  static name = "DeviceCodeCredential";
  #arguments;
  /** @type {{ made: Instance, core: Core }} */
  #living;
  #isClosed = false;

  /** @param {unknown[]} args */
  constructor(...args) {
    this.#arguments = args;
    try {
      this.#living = this.#begin();
    } catch (error) {
      throw withCaller(error);
    }
  }

  /** @param {unknown[]} args */
  getToken(...args) {
    return this.#call("getToken", args);
  }

  /** @param {unknown[]} args */
  authenticate(...args) {
    return this.#call("authenticate", args);
  }

  /** @param {unknown[]} args */
  initiateDeviceFlow(...args) {
    return this.#call("initiateDeviceFlow", args);
  }

  /** @param {unknown[]} args */
  acquireTokenByDeviceFlow(...args) {
    return this.#call("acquireTokenByDeviceFlow", args);
  }

  /** @param {unknown[]} args */
  getAccounts(...args) {
    return this.#call("getAccounts", args);
  }

  /** @param {unknown[]} args */
  removeAccount(...args) {
    return this.#call("removeAccount", args);
  }

  close() {
    this.#isClosed = true;
    this.#living.core.close();
  }

  /**
   * @param {Exclude<keyof Core, "close">} method
   * @param {unknown[]} args
   */
  async #call(method, args) {
    try {
      if (this.#living.made.died) this.#living = this.#begin();
      const { made, core } = this.#living;
      return await alive(made, () => core[method](args));
    } catch (error) {
      throw withCaller(error);
    }
  }

  /** Makes what the instance has of it: the instance of today, if that of yesterday has died. */
  #begin() {
    const made = instance();
    const core = alive(made, () => new made.DeviceCodeCredential(this.#arguments));
    if (this.#isClosed) core.close();
    return { made, core };
  }
}

/**
 * What a call of an instance gives, unless it dies of that. What the glue makes of a dead one means nothing.
 *
 * @template T
 * @param {Instance} instance
 * @param {() => T} call
 * @returns {T}
 */
function alive(instance, call) {
  try {
    const answer = call();
    if (!instance.died) return answer;
  } catch (error) {
    if (!instance.died) throw error;
  }
  throw instance.died;
}

/** @type {DeviceCodeCredential & Partial<Disposable & AsyncDisposable>} */
const prototype = DeviceCodeCredential.prototype;
// Older runtimes have neither symbol.
if (Symbol.dispose) {
  prototype[Symbol.dispose] = function () {
    this.close();
  };
}
if (Symbol.asyncDispose) {
  prototype[Symbol.asyncDispose] = async function () {
    this.close();
  };
}
