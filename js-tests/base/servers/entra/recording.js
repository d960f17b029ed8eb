/** What a scenario was asked, in order, for tests to look at and to wait for. */

import { EventEmitter } from "node:events";

/**
 * @typedef {object} RecordedRequest
 * @property {number} n 0 for the scenario's first
 * @property {string} endpoint devicecode, token, refresh, openid, instance or unknown
 * @property {string} method
 * @property {string} host the host the client meant
 * @property {string} path
 * @property {Record<string, string>} query
 * @property {Record<string, string>} headers names in lower case
 * @property {Record<string, string>} form empty unless the body is a form
 * @property {number} at ms since the scenario began, on a monotonic clock
 * @property {number} [status] the status replied
 * @property {number} [repliedAt] when the last byte had been handed over
 * @property {boolean} aborted the client left before the reply was whole
 */

export class Recording {
  #startedAt = performance.now();
  #requests = /** @type {RecordedRequest[]} */ ([]);
  #arrivals = new EventEmitter().setMaxListeners(0);

  /** ms since the scenario began */
  now() {
    return Math.round((performance.now() - this.#startedAt) * 10) / 10;
  }

  /**
   * @param {Omit<RecordedRequest, "n" | "at" | "aborted">} request
   * @returns {RecordedRequest} changed later, when the reply goes out
   */
  add(request) {
    const recorded = { n: this.#requests.length, ...request, at: this.now(), aborted: false };
    this.#requests.push(recorded);
    this.changed();
    return recorded;
  }

  /** Wakes those who wait: a request arrived, or one already there was aborted or answered. */
  changed() {
    this.#arrivals.emit("change");
  }

  /** @param {string} [endpoint] */
  list(endpoint) {
    return this.#requests.filter((request) => !endpoint || request.endpoint === endpoint);
  }

  /**
   * The list, as soon as `atLeast` requests are there (or aborted ones, when `aborted`), at the latest after `within` ms.
   *
   * @param {{endpoint?: string, atLeast: number, within: number, aborted?: boolean}} condition
   */
  async wait({ endpoint, atLeast, within, aborted }) {
    const enough = () =>
      this.list(endpoint).filter((each) => !aborted || each.aborted).length >= atLeast;
    if (!enough()) {
      await new Promise((resolve) => {
        const check = () => enough() && finish();
        const timer = setTimeout(() => finish(), within);
        const finish = () => {
          clearTimeout(timer);
          this.#arrivals.off("change", check);
          resolve(undefined);
        };
        this.#arrivals.on("change", check);
      });
    }
    return this.list(endpoint);
  }
}
