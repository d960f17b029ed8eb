/** The two ways in which Python locks. */

import { python } from "./meeting.js";

/** @type {Record<string, {env: () => Record<string, string>, module: string}>} */
export const LOCKS = {
  "a file": { env: () => ({}), module: "msal_extensions.filelock" },
  portalocker: {
    env: () => ({ PYTHONPATH: python.portalocker }),
    module: "msal_extensions.cache_lock",
  },
};
