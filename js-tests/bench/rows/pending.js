// Sign-ins that wait for their users, many in one process: what each holds of the heap and of WebAssembly's memory.

import { inTurns } from "../rounds.js";

export const title = "A pending sign-in";

export async function measure({ stage, quick }) {
  const count = quick ? 200 : 10_000;
  const held = (who) => async () => (await stage.once(who, "pending", { count })).value;
  const contestants = { ours: held("ours"), identity: held("identity"), msal: held("msal") };
  const by = await inTurns({ rounds: quick ? 1 : 3, warmUp: 0 }, contestants);
  return [{ what: `of ${count.toLocaleString("en")}: memory`, unit: "KB", by }];
}
