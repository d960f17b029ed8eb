// What a poll costs, beside a loop that does nothing but `fetch`: many sign-ins of one process poll each second.

import { inTurns } from "../rounds.js";

export const title = "CPU a poll";

export async function measure({ stage, quick }) {
  const input = quick
    ? { flows: 50, warmUp: 50, seconds: 1 }
    : { flows: 2000, warmUp: 10_000, seconds: 4 };
  const cpu = (who) => async () => (await stage.once(who, "polling", input)).value;
  const contestants = Object.fromEntries(
    ["ours", "identity", "msal", "bare"].map((who) => [who, cpu(who)]),
  );
  const by = await inTurns({ rounds: quick ? 1 : 5, warmUp: 0 }, contestants);
  return [
    { what: `${input.flows.toLocaleString("en")} sign-ins that poll each second`, unit: "µs", by },
  ];
}
