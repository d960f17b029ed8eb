/** What most cases begin with: a private Entra, and credentials that sign in to it. */

import { DeviceCodeCredential } from "entra-device-code";
import { createScenario } from "../base/harness/scenario.js";

export const GRAPH = "https://graph.microsoft.com/.default";
export const ARM = "https://management.azure.com/.default";
export const VAULT = "https://vault.azure.net/.default";
export const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
export const RESERVED = "offline_access openid profile";

/** A claims challenge, as a resource sends it. */
export const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';

/**
 * @typedef {object} Arrangement
 * @property {import("../base/harness/scenario.js").Scenario} s
 * @property {(options?: object) => DeviceCodeCredential} create a credential whose requests reach the scenario
 * @property {(options?: object) => object} options what `create` gives the constructor
 * @property {any[]} prompts what was shown to the user
 * @property {string[]} log `level: line`
 * @property {() => Promise<string[]>} asked the endpoints asked so far
 */

/**
 * @param {import("../base/harness/suite.js").TestContext} t
 * @param {import("../base/harness/scenario.js").ScenarioConfig} [config]
 * @returns {Promise<Arrangement>}
 */
export async function arrange(t, config) {
  const s = await createScenario(config);
  t.after(() => s.remove());
  const prompts = [];
  const log = [];
  const options = (more = {}) => ({
    fetch: s.fetch,
    logger: (level, line) => void log.push(`${level}: ${line}`),
    ...(!("promptCallback" in more) && { userPromptCallback: (info) => void prompts.push(info) }),
    ...more,
  });
  return {
    s,
    options,
    create: (more) => new DeviceCodeCredential(options(more)),
    prompts,
    log,
    asked: async () => (await s.requests()).map(({ endpoint }) => endpoint),
  };
}

/** A refusal that ends a call at once: what a request looked like is all that such a case wants to know. */
export const REFUSE_CODES = { replies: { devicecode: [{ error: 7000218, repeat: "forever" }] } };

/** A promise and what resolves it. */
export function deferred() {
  let resolve = /** @type {(value?: any) => void} */ (() => {});
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/**
 * A plugin that keeps the cache in memory, as one written for MSAL's `ICachePlugin`.
 *
 * @param {string} [text]
 */
export function memoryPlugin(text = "") {
  return {
    text,
    reads: 0,
    writes: 0,
    async beforeCacheAccess({ tokenCache }) {
      this.reads += 1;
      tokenCache.deserialize(this.text);
    },
    async afterCacheAccess({ cacheHasChanged, tokenCache }) {
      if (!cacheHasChanged) return;
      this.writes += 1;
      this.text = tokenCache.serialize();
    },
    /** Changes the rows of a table, as time or somebody else would. */
    edit(table, change) {
      const cache = JSON.parse(this.text);
      for (const row of Object.values(cache[table])) change(row);
      this.text = JSON.stringify(cache);
    },
    rows(table) {
      return Object.values(JSON.parse(this.text || "{}")[table] ?? {});
    },
  };
}

/** Seconds since the Unix epoch, `seconds` from now. */
export function fromNow(seconds) {
  return Math.floor(Date.now() / 1000) + seconds;
}
