// What the bench asks of this package.

import { cacheOf, GRAPH, VAULT } from "./accounts.js";
import { createCredential, RENEWED, storedCredential } from "./credential.js";
import { errandsOf } from "./errands.js";
import { timeOnce } from "./gauges.js";
import { serve } from "./serve.js";
import { createService } from "./service.js";
import { furnish, LAYOUTS, migrating, storageOf } from "./storage.js";

let storage;
let layout;

/** Gets a token of an account that is in a store, where it may be the first to. */
async function silently(number, cachePersistenceOptions, scope, options) {
  const service = createService({ account: number });
  const take = () =>
    storedCredential(number, cachePersistenceOptions, service).getToken(scope, options);
  return { ...(await timeOnce(take)), requests: service.counts.requests };
}

const load = (number, persistence) => silently(number, persistence, GRAPH);
const save = (number, persistence) => silently(number, persistence, VAULT, RENEWED);
const inFile = (name) => ({ name, allowUnencryptedStorage: true });
const inStorage = () => ({ storage, ...LAYOUTS[layout] });

const errands = errandsOf((service, promptCallback) =>
  createCredential(service, promptCallback && { promptCallback }),
);

await serve({
  ...errands,
  async fillAccounts({ accounts }) {
    const service = createService();
    const credential = createCredential(service);
    for (let at = 0; at < accounts; at++) {
      service.user.account = at;
      const flow = await credential.initiateDeviceFlow(GRAPH);
      await credential.acquireTokenByDeviceFlow(flow, { once: true });
    }
    errands.choose({ service, call: () => credential.getToken(GRAPH) });
  },
  /** So many tokens of one account, of which so many are asked for by turns: to find one for the first time, all are looked at. */
  async fillFromStore({ tokens, asked }) {
    const service = createService();
    const cachePersistenceOptions = { storage: storageOf(cacheOf(0, tokens)), ...LAYOUTS.whole };
    const credential = storedCredential(0, cachePersistenceOptions, service);
    const step = tokens / asked;
    const call = (at) => credential.getToken(`api://${(at % asked) * step}/.default`);
    for (let at = 0; at < asked; at++) await call(at);
    errands.choose({ service, call });
  },
  load: ({ number, name }) => load(number, inFile(name)),
  save: ({ number, name }) => save(number, inFile(name)),
  async openStorage({ accounts, layout: chosen }) {
    layout = chosen;
    const first = (opened, number) => save(number, { storage: opened, ...migrating(layout) });
    storage = await furnish(accounts, layout, first);
  },
  loadStored: ({ number }) => load(number, inStorage()),
  async saveStored({ number }) {
    const before = storage.counts.writes;
    const saved = await save(number, inStorage());
    return { ...saved, writes: storage.counts.writes - before };
  },
});
