/** What was seen of a scenario, and whether a secret shows in it. */

import { ok } from "../base/harness/assert.js";
import { arrange } from "./arrange.js";
import { renderings } from "./renderings.js";

const SECRET_FIELDS = ["access_token", "refresh_token", "id_token", "device_code", "client_info"];
const LOUD = { enableSupportLogging: true, retryOptions: { retryDelayInMs: 1 }, timeout: 60 };

/** A fetch that notes every secret that came with a reply. */
function listening(fetch, secrets) {
  return async (url, init) => {
    const response = await fetch(url, init);
    const text = await response.text();
    const { status, headers } = response;
    try {
      const json = JSON.parse(text);
      for (const name of SECRET_FIELDS) if (json[name]) secrets.add(json[name]);
    } catch {
      // No JSON, no secrets.
    }
    return new Response(text, { status, headers: new Headers(headers) });
  };
}

/** A scenario whose secrets are known, and what was seen of it. */
export async function watched(t, config) {
  const arrangement = await arrange(t, config);
  const secrets = new Set();
  const seen = [arrangement.prompts, arrangement.log];
  const fetch = listening(arrangement.s.fetch, secrets);
  return {
    ...arrangement,
    secrets,
    seen,
    create: (options) => {
      const credential = arrangement.create({ ...LOUD, fetch, ...options });
      seen.push(credential);
      return credential;
    },
    /** Looks for secrets in all that was seen; says how many there were. */
    search() {
      for (const value of seen) {
        for (const text of renderings(value)) {
          for (const secret of secrets) {
            ok(!text.includes(secret), `a secret in ${text.replaceAll(secret, "<<HERE>>")}`);
            ok(!text.includes(encodeURIComponent(secret)), `an encoded secret in ${text}`);
          }
        }
      }
      return secrets.size;
    },
  };
}
