// A command line program that signs in, prints its token and ends: the most memory it has had.

import { inTurns } from "../rounds.js";

export const title = "A run of a command line program";

export async function measure({ stage, quick }) {
  const peak = (who) => async () => (await stage.once(who, "signIn")).value;
  const everybody = ["ours", "identity", "msal", "python", "bare"];
  const contestants = Object.fromEntries(everybody.map((who) => [who, peak(who)]));
  const by = await inTurns({ rounds: quick ? 1 : 7, warmUp: 0 }, contestants);
  return [{ what: "resident memory at its peak", unit: "MB", by }];
}
