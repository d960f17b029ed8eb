/**
 * Plays the scenarios with the installed package, as drive.py does with azure-identity:
 *
 *     node drive.js INPUT OUTPUT
 *
 * The runner puts this folder into a project that has the package.
 */

import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { AuthenticationRecord, DeviceCodeCredential } from "entra-device-code";
import { describeError, describeRecord, describeToken } from "./outcomes.js";

const AT_ONCE = 24;
/** ms that a step may take */
const LONGEST = 25_000;

/** Lines of `console.log`; only scenarios that run alone let the credential print. */
const printed = [];

/** @typedef {{control: string, entra: string, scenarios: any[]}} Setup */

/** One scenario, from its first step to its last. */
class Play {
  #startedAt = Date.now();
  #prompts = [];
  #records = [];
  #credential;
  #credentials = [];
  #cache = "";

  /**
   * @param {any} scenario
   * @param {Setup} setup
   */
  constructor(scenario, setup) {
    this.scenario = scenario;
    this.setup = setup;
    this.#cache = dated(scenario.seed ?? "", this.#startedAt);
  }

  async run() {
    await this.#control("PUT", "", this.scenario.server);
    const steps = [];
    try {
      for (const step of this.scenario.steps) {
        const outcome = await this.#outcome(step);
        const { length } = await this.#requests();
        const prompts = [...this.#prompts, ...printed.map((line) => ({ printed: line }))];
        steps.push({ outcome, requests: length, prompts });
        this.#prompts = [];
        printed.length = 0;
      }
      const requests = await this.#requests();
      const cache = this.scenario.cache ? this.#cache : null;
      return { steps, requests, cache, startedAt: this.#startedAt / 1000 };
    } finally {
      for (const credential of this.#credentials) credential.close();
      await this.#control("DELETE", "");
    }
  }

  async #outcome(step) {
    const late = new AbortController();
    // A call that never settles must not end, or stop, the whole run.
    const never = sleep(LONGEST, { kind: "never settled" }, { signal: late.signal });
    never.catch(() => {});
    try {
      return await Promise.race([this.#perform(step), never]);
    } catch (error) {
      return describeError(error);
    } finally {
      late.abort();
    }
  }

  async #perform({ credential, getToken, authenticate, deserialize, close, ...rest }) {
    if (credential) {
      this.#credential = undefined;
      this.#credential = new DeviceCodeCredential(this.#options(credential));
      this.#credentials.push(this.#credential);
      return { kind: "done" };
    }
    const current = this.#credential;
    if (!current && (getToken || authenticate !== undefined || close)) {
      return { kind: "no credential" };
    }
    if (getToken) {
      const askedAt = Date.now();
      return describeToken(await current.getToken(getToken, rest), askedAt);
    }
    if (authenticate !== undefined) {
      const record = await current.authenticate({ scopes: authenticate ?? undefined, ...rest });
      this.#records.push(record);
      return describeRecord(record);
    }
    if (deserialize !== undefined) {
      this.#records.push(AuthenticationRecord.deserialize(deserialize));
      return describeRecord(this.#records.at(-1));
    }
    if (close) await current.close();
    else await this.#act(rest);
    return { kind: "done" };
  }

  /** What isn't the credential's doing. */
  async #act({ server, approve, revoke, wait, environment }) {
    if (server) await this.#control("POST", "/script", server);
    else if (approve) await this.#control("POST", "/approve", {});
    else if (revoke) await this.#control("POST", "/revoke", {});
    else if (wait) await sleep(wait * 1000);
    else if (environment) {
      for (const [name, value] of Object.entries(environment)) {
        if (value === null) delete process.env[name];
        else process.env[name] = value;
      }
    } else throw new Error("no such step");
  }

  #options({ authenticationRecord, prompt = "noted", ...options }) {
    const record = authenticationRecord === "last" ? this.#records.at(-1) : authenticationRecord;
    const promptCallback = prompt === "throws" ? failToPrompt : this.#notePrompt;
    return {
      ...options,
      ...(record && { authenticationRecord: record }),
      ...(prompt !== "printed" && { promptCallback }),
      ...(this.scenario.cache && { cachePersistenceOptions: { cachePlugin: this.#plugin() } }),
      fetch: this.#fetch,
      logger: () => {},
      retryOptions: { retryDelayInMs: 50 },
    };
  }

  #notePrompt = (verificationUri, userCode, expiresOn) => {
    const expiresIn = (expiresOn.getTime() - Date.now()) / 1000;
    this.#prompts.push({ verificationUri, userCode, expiresIn });
  };

  /** Brings every https URL to the stand-in, which learns from the path what the URL was. */
  #fetch = (input, init) => {
    const { host, pathname, search } = new URL(input);
    const { entra } = this.setup;
    return fetch(`${entra}/~${this.scenario.id}/${host}${pathname}${search}`, init);
  };

  /** MSAL's `ICachePlugin`: what every credential of the scenario shares. */
  #plugin() {
    return {
      beforeCacheAccess: async ({ tokenCache }) => tokenCache.deserialize(this.#cache),
      afterCacheAccess: async ({ tokenCache, cacheHasChanged }) => {
        if (cacheHasChanged) this.#cache = tokenCache.serialize();
      },
    };
  }

  #requests() {
    return this.#control("GET", "/requests");
  }

  async #control(method, action, body) {
    const url = `${this.setup.control}/_/scenarios/${this.scenario.id}${action}`;
    const response = await fetch(url, { method, body: body && JSON.stringify(body) });
    const json = await response.json();
    if (!response.ok) throw new Error(json.error);
    return json;
  }
}

function failToPrompt() {
  throw new Error("the prompt cannot be shown");
}

/**
 * `"@60"` is a minute from now, as the cache writes it.
 *
 * @param {string} seed
 * @param {number} at ms
 */
function dated(seed, at) {
  const now = Math.floor(at / 1000);
  return seed.replace(/"@(-?\d+)"/g, (_, seconds) => `"${now + Number(seconds)}"`);
}

/**
 * @param {any[]} scenarios
 * @param {Setup} setup
 * @param {number} limit
 */
async function playAll(scenarios, setup, limit) {
  const results = {};
  const waiting = scenarios.values();
  const worker = async () => {
    for (const scenario of waiting) {
      const broken = (error) => ({ broken: String(error?.stack ?? error) });
      results[scenario.name] = await new Play(scenario, setup).run().catch(broken);
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}

const [, , input, output] = process.argv;
/** @type {Setup} */
const setup = JSON.parse(await readFile(input, "utf8"));
const together = setup.scenarios.filter(({ serial }) => !serial);
const alone = setup.scenarios.filter(({ serial }) => serial);
console.log = (...line) => printed.push(line.join(" "));
const results = {
  ...(await playAll(together, setup, AT_ONCE)),
  ...(await playAll(alone, setup, 1)),
};
await writeFile(output, JSON.stringify(results));
