// What it costs to keep many accounts in one store. A fresh credential of one of them gets a token that is in the store
// (load), and one that takes a refresh (load and save). First the file that is shared with MSAL; then a store in memory, in
// each layout: what is left is what the package does. Of the time to save into one item for all, at least 0.1 s is the wait
// after which it is looked whether somebody else has overwritten it.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheOfAll } from "../libraries/accounts.js";
import { failureOf, inTurns } from "../rounds.js";

export const title = "A store of many accounts";

const LAYOUTS = {
  whole: "one item for all",
  wholeSealed: "one item for all, encrypted",
  items: "an item an account",
  itemsSealed: "an item an account, encrypted",
};

export async function measure({ stage, quick }) {
  const figures = [];
  const sizes = quick ? [1, 20] : [1, 10, 100, 1000, 10_000];
  for (const accounts of sizes) figures.push(...(await sharedFile(accounts)));
  for (const accounts of sizes) {
    for (const layout of Object.keys(LAYOUTS)) figures.push(...(await inMemory(accounts, layout)));
  }
  return figures;

  async function sharedFile(accounts) {
    const everybody = ["ours", "msal", "python"];
    const folder = join(stage.env.HOME, ".IdentityService");
    await mkdir(folder, { recursive: true });
    const text = JSON.stringify(cacheOfAll(accounts));
    for (const who of everybody) await writeFile(join(folder, `${who}.nocae`), text);
    return loadAndSave(`${counted(accounts)} in the shared file`, accounts, everybody, (who) => {
      const contestant = stage.launch(who);
      const ask = (task) => (number) => contestant.ask(task, { name: who, number });
      const save = async (number) => {
        const path = join(folder, `${who}.nocae`);
        const before = await accessTokens(path);
        const saved = await ask("save")(number);
        return { ...saved, writes: (await accessTokens(path)) === before ? 0 : 1 };
      };
      return { load: ask("load"), save, stop: contestant.stop };
    });
  }

  async function inMemory(accounts, layout) {
    const contestant = stage.launch("ours");
    const failure = await failureOf(contestant.ask("openStorage", { accounts, layout }));
    const ask = (task) => async (number) => {
      if (failure) throw failure;
      return contestant.ask(task, { number });
    };
    return loadAndSave(`${counted(accounts)}, ${LAYOUTS[layout]}`, accounts, ["ours"], () => ({
      load: ask("loadStored"),
      save: ask("saveStored"),
      stop: contestant.stop,
    }));
  }

  async function loadAndSave(what, accounts, those, open) {
    const running = those.map((who) => [who, open(who)]);
    const rounds = quick ? 1 : accounts > 1000 ? 3 : 9;
    const contestants = (task, requests) =>
      Object.fromEntries(running.map(([who, each]) => [who, one(who, each[task], requests)]));
    const one = (who, perform, expected) => async (round) => {
      const number = (Math.abs(round) * 7919) % accounts;
      const { value, requests, writes } = await perform(number);
      // Else it is something else that was measured.
      if (requests !== expected) throw new Error(`${who}: ${requests} requests, ${what}`);
      if (writes === 0) throw new Error(`${who}: nothing was written, ${what}`);
      return value;
    };
    try {
      const how = { rounds, warmUp: quick || accounts > 1000 ? 1 : 2 };
      const load = await inTurns(how, contestants("load", 0));
      const save = await inTurns(how, contestants("save", 1));
      return [
        { what: `${what}: load`, unit: "ms", by: load },
        { what: `${what}: load and save`, unit: "ms", by: save },
      ];
    } finally {
      for (const [, each] of running) await each.stop();
    }
  }
}

/** The access tokens of a file, which no save leaves as they were. */
async function accessTokens(path) {
  const { AccessToken } = JSON.parse(await readFile(path, "utf8"));
  return Object.values(AccessToken)
    .map(({ secret }) => secret)
    .join();
}

function counted(accounts) {
  return accounts === 1 ? "1 account" : `${accounts.toLocaleString("en")} accounts`;
}
