/**
 * Where the servers are: the runner says so, in `globalThis.__testServers` or, as JSON, in the variable TEST_SERVERS.
 *
 * @typedef {object} TestServers
 * @property {{url: string, control: string}} entra the stand-in for Entra, and its control API over plain HTTP
 * @property {{url: string, tenant: string, clientId: string, scope: string}} oidc a real OpenID provider
 * @property {{caFile: string}} certificate
 * @property {string} runtime
 * @property {string} [only] run the cases whose name contains this
 */

/** @returns {TestServers} */
export function testServers() {
  if (globalThis.__testServers) return globalThis.__testServers;
  const json = globalThis.process?.env?.TEST_SERVERS;
  if (!json) throw new Error("no test servers: start the suite with js-tests/base/runners/run.js");
  globalThis.__testServers = JSON.parse(json);
  return globalThis.__testServers;
}

/**
 * A call of the control API.
 *
 * @param {string} method
 * @param {string} path below `/_/`
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
export async function control(method, path, body) {
  const response = await harnessFetch(`${testServers().entra.control}/_/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const json = await response.json();
  if (!response.ok) throw new Error(`control ${method} ${path}: ${json.error}`);
  return json;
}

// Taken once: a test that replaces the global fetch must not cut the harness off.
const hostFetch = globalThis.fetch;

/** @type {typeof fetch} */
export function harnessFetch(input, init) {
  return hostFetch.call(globalThis, input, init);
}
