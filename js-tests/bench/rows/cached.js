// `getToken` of a token that is in memory: what every request of a program costs that asks for its token each time.

import { failureOf, inTurns } from "../rounds.js";

export const title = "getToken from the cache";

// With more, a call of the others takes too long to be repeated: they look through all accounts, or all tokens.
const MOST_ACCOUNTS_OF_PEERS = 10_000;
const MOST_TOKENS_OF_PEERS = 1000;
// To find a token for the first time takes long, too, where all are of one account.
const ASKED = 100;

export async function measure({ stage, quick }) {
  const number = (count) => count.toLocaleString("en");
  const figures = [];
  for (const tokens of quick ? [1, 100] : [1, 100, 1000, 10_000, 100_000]) {
    const what = tokens === 1 ? "1 token" : `${number(tokens)} tokens of one account`;
    const by =
      tokens > MOST_TOKENS_OF_PEERS
        ? await compare(["ours"], "fillFromStore", { tokens, asked: ASKED })
        : await compare(["ours", "identity", "msal", "python", "bare"], "fill", { tokens });
    figures.push({ what, unit: "µs", by });
  }
  for (const accounts of quick ? [100] : [100, 10_000, 100_000]) {
    const those = accounts > MOST_ACCOUNTS_OF_PEERS ? ["ours"] : ["ours", "msal"];
    const what = `${number(accounts)} accounts`;
    figures.push({ what, unit: "µs", by: await compare(those, "fillAccounts", { accounts }) });
  }
  return figures;

  async function compare(those, fill, input) {
    const running = those.map((who) => [who, stage.launch(who)]);
    try {
      const contestants = [];
      for (const [who, contestant] of running) {
        const failure = await failureOf(contestant.ask(fill, input));
        contestants.push([who, roundOf(who, contestant, failure)]);
      }
      const how = quick ? { rounds: 2, warmUp: 1 } : { rounds: 15, warmUp: 4 };
      return await inTurns(how, Object.fromEntries(contestants));
    } finally {
      for (const [, contestant] of running) await contestant.stop();
    }
  }

  function roundOf(who, contestant, failure) {
    const milliseconds = quick ? 20 : 200;
    return async () => {
      if (failure) throw failure;
      const { value, requests } = await contestant.ask("cached", { milliseconds });
      // Else it is something else that was measured.
      if (requests !== 0) throw new Error(`${who}: ${requests} requests`);
      return value;
    };
  }
}
