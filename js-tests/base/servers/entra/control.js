/**
 * The control API, for tests on any runtime to drive with plain `fetch`:
 *
 *     PUT    /_/scenarios/{id}           begins (or begins anew) a scenario; body: its config
 *     POST   /_/scenarios/{id}/script    changes settings, appends replies; body: a config
 *     POST   /_/scenarios/{id}/approve   the user approves; body: {userCode?}
 *     POST   /_/scenarios/{id}/decline   the user declines; body: {userCode?}
 *     POST   /_/scenarios/{id}/revoke    refresh tokens issued so far are dead
 *     GET    /_/scenarios/{id}/requests  what was asked; ?endpoint= filters; ?atLeast=&within=[&aborted=1] waits for it
 *     DELETE /_/scenarios/{id}
 *
 * and whatever else the one who starts the server adds under `/_/`.
 */

import { Scenario } from "./scenario.js";

/** @typedef {(body: any) => Promise<unknown> | unknown} Control */

/**
 * @param {Map<string, Scenario>} scenarios
 * @param {Record<string, Control>} extra by path below `/_/`, for POST
 */
export function createControl(scenarios, extra) {
  const actions = {
    script: (scenario, body) => {
      scenario.configure(body);
      return scenario.describe();
    },
    approve: (scenario, { userCode }) => ({ codes: scenario.decide("approved", userCode) }),
    decline: (scenario, { userCode }) => ({ codes: scenario.decide("declined", userCode) }),
    revoke: (scenario) => ({ tokens: scenario.revoke() }),
  };

  /**
   * @param {string} method
   * @param {URL} url
   * @param {string} text the body
   * @returns {Promise<{status: number, json: unknown}>}
   */
  return async function control(method, url, text) {
    try {
      const body = text ? JSON.parse(text) : {};
      const path = url.pathname.slice("/_/".length);
      if (method === "POST" && extra[path]) return ok((await extra[path](body)) ?? {});
      const [collection, id, action] = path.split("/").map(decodeURIComponent);
      if (collection !== "scenarios" || !id) return failed(404, "no such control");
      if (method === "PUT") {
        scenarios.get(id)?.close();
        scenarios.set(id, new Scenario(id, body));
      }
      const scenario = scenarios.get(id);
      if (!scenario) return failed(404, `no scenario ${id}`);
      if (method === "DELETE") {
        scenario.close();
        scenarios.delete(id);
        return ok({});
      }
      if (method === "GET" && action === "requests") return ok(await requests(scenario, url));
      if (method === "POST" && Object.hasOwn(actions, action)) {
        return ok(actions[action](scenario, body));
      }
      return action ? failed(404, "no such control") : ok(scenario.describe());
    } catch (error) {
      return failed(400, error instanceof Error ? error.message : String(error));
    }
  };
}

/**
 * @param {Scenario} scenario
 * @param {URL} url
 */
function requests(scenario, { searchParams }) {
  const endpoint = searchParams.get("endpoint") ?? undefined;
  if (!searchParams.has("atLeast")) return scenario.recording.list(endpoint);
  return scenario.recording.wait({
    endpoint,
    atLeast: Number(searchParams.get("atLeast")),
    within: Number(searchParams.get("within") ?? 5000),
    aborted: searchParams.has("aborted"),
  });
}

const ok = (json) => ({ status: 200, json });
const failed = (status, error) => ({ status, json: { error } });
