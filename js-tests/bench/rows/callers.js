// Many callers at once, on a credential that has not signed in: how often the user is asked, and the service.

import { exactly } from "../rounds.js";

export const title = "50 callers on a new credential";

export async function measure({ stage }) {
  const prompts = {};
  const requests = {};
  for (const who of ["ours", "identity", "msal", "python"]) {
    const counted = await stage.once(who, "callers", { count: 50 });
    prompts[who] = exactly(counted.prompts);
    requests[who] = exactly(counted.requests);
  }
  return [
    { what: "prompts", unit: "", by: prompts },
    { what: "requests", unit: "", by: requests },
  ];
}
