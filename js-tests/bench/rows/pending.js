// Sign-ins that wait for their users, many in one process: what each holds of the heap of JavaScript, and besides, which is
// WebAssembly's memory.

import { inTurns, summarize } from "../rounds.js";

export const title = "A pending sign-in";

export async function measure({ stage, quick }) {
  const count = quick ? 200 : 10_000;
  const heaps = {};
  const held = (who) => async () => {
    const { heap, besides } = await stage.once(who, "pending", { count });
    heaps[who] = [...(heaps[who] ?? []), heap];
    return heap + besides;
  };
  const contestants = { ours: held("ours"), identity: held("identity"), msal: held("msal") };
  const by = await inTurns({ rounds: quick ? 1 : 3, warmUp: 0 }, contestants);
  const summaries = Object.entries(heaps).map(([who, values]) => [who, summarize(values)]);
  return [
    { what: `of ${count.toLocaleString("en")}: memory`, unit: "KB", by },
    { what: "the heap of JavaScript in that", unit: "KB", by: Object.fromEntries(summaries) },
  ];
}
