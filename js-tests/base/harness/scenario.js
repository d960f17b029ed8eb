/** A test case's private Entra, seen from the client's side. Web APIs only, so that it runs wherever the package does. */

import { control, harnessFetch, testServers } from "./servers.js";

/** @typedef {import("../servers/entra/recording.js").RecordedRequest} RecordedRequest */
/** @typedef {import("../servers/entra/scenario.js").ScenarioConfig} ScenarioConfig */

/**
 * @typedef {object} Scenario
 * @property {string} id also a tenant of the stand-in: `{authority: s.authority(), tenantId: s.id}`
 * @property {{oid: string, tid: string, username: string, name: string}} user who signs in
 * @property {typeof fetch} fetch brings any https URL to this scenario: `{fetch: s.fetch}` makes every authority host its
 * @property {() => string} authority the stand-in's own address, which the host's `fetch` reaches if it trusts the CA
 * @property {(endpoint?: string) => Promise<RecordedRequest[]>} requests
 * @property {(atLeast: number, condition?: {endpoint?: string, aborted?: boolean, within?: number}) =>
 *   Promise<RecordedRequest[]>} waitForRequests
 * @property {(userCode?: string) => Promise<number>} approve how many codes waited
 * @property {(userCode?: string) => Promise<number>} decline
 * @property {() => Promise<number>} revoke kills the refresh tokens issued so far
 * @property {(more: ScenarioConfig) => Promise<void>} script changes settings, appends replies
 * @property {() => Promise<void>} remove
 */

/**
 * The interval is 1 s unless the config says otherwise: the shortest a client may use.
 *
 * @param {ScenarioConfig} [config]
 * @returns {Promise<Scenario>}
 */
export async function createScenario(config = {}) {
  const id = `s${crypto.randomUUID().slice(0, 13)}`;
  const path = `scenarios/${id}`;
  const { user } = await control("PUT", path, { interval: 1, ...config });
  return {
    id,
    user,
    fetch: rewritingFetch(id),
    authority: () => testServers().entra.url,
    requests: (endpoint) => control("GET", `${path}/requests?endpoint=${endpoint ?? ""}`),
    async waitForRequests(atLeast, { endpoint = "", aborted = false, within = 5000 } = {}) {
      const query = `endpoint=${endpoint}&atLeast=${atLeast}&within=${within}`;
      const found = await control("GET", `${path}/requests?${query}${aborted ? "&aborted=1" : ""}`);
      const counted = aborted ? found.filter((request) => request.aborted) : found;
      if (counted.length >= atLeast) return found;
      throw new Error(
        `${counted.length} of ${atLeast} requests (${endpoint || "any"}) within ${within} ms`,
      );
    },
    approve: async (userCode) => (await control("POST", `${path}/approve`, { userCode })).codes,
    decline: async (userCode) => (await control("POST", `${path}/decline`, { userCode })).codes,
    revoke: async () => (await control("POST", `${path}/revoke`)).tokens,
    script: async (more) => void (await control("POST", `${path}/script`, more)),
    remove: async () => void (await control("DELETE", path)),
  };
}

/**
 * `https://{host}/{path}` → `{stand-in}/~{scenario}/{host}/{path}`; what is the stand-in's already stays.
 *
 * @param {string} id
 * @returns {typeof fetch}
 */
function rewritingFetch(id) {
  return async (input, init) => {
    const { url: base } = testServers().entra;
    const { href, protocol, host, pathname, search } = new URL(input.url ?? input);
    if (protocol !== "https:" || href.startsWith(`${base}/`)) return harnessFetch(input, init);
    const rewritten = `${base}/~${id}/${host}${pathname}${search}`;
    return harnessFetch(input instanceof Request ? new Request(rewritten, input) : rewritten, init);
  };
}
