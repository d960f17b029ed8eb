// What the bench asks of @azure/msal-node.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PublicClientApplication } from "@azure/msal-node";
import { CLIENT, cacheOfAll, GRAPH, HOST, recordOf, TENANT, VAULT } from "./accounts.js";
import { cpuOfPolls, peakMemory, timeCalls, timeOnce, weigh } from "./gauges.js";
import { serve } from "./serve.js";
import { createService, fetchFrom } from "./service.js";

let cached;

function create(service, cache) {
  const fetch = fetchFrom(service);
  const send = async (url, options) => {
    const response = await fetch(url, options);
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, body: await response.json() };
  };
  return new PublicClientApplication({
    auth: { clientId: CLIENT, authority: `https://${HOST}/${TENANT}` },
    cache,
    system: { networkClient: { sendGetRequestAsync: send, sendPostRequestAsync: send } },
  });
}

/** What a sign-in returned, which programs keep: to look it up again takes seconds where there are a thousand. */
function accountOf(number) {
  const { homeAccountId, tenantId, username } = recordOf(number);
  const [localAccountId] = homeAccountId.split(".");
  return { homeAccountId, environment: HOST, tenantId, username, localAccountId };
}

const signIn = (app, deviceCodeCallback = () => {}) =>
  app.acquireTokenByDeviceCode({ scopes: [GRAPH], deviceCodeCallback });

/** One file for all accounts under a lock, as PersistenceCachePlugin of @azure/msal-node-extensions keeps them. */
function filePlugin(file) {
  const lock = `${file}.lockfile`;
  return {
    async beforeCacheAccess({ tokenCache }) {
      await mkdir(join(file, ".."), { recursive: true });
      while (!(await taken(lock))) await pause(100);
      tokenCache.deserialize(await readFile(file, "utf8"));
    },
    async afterCacheAccess({ cacheHasChanged, tokenCache }) {
      if (cacheHasChanged) await writeFile(file, tokenCache.serialize(), { mode: 0o600 });
      await rm(lock);
    },
  };
}

async function taken(lock) {
  try {
    await writeFile(lock, `${process.pid}`, { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}

async function silently({ name, number }, request) {
  const service = createService({ account: number });
  const cachePlugin = filePlugin(join(homedir(), ".IdentityService", `${name}.nocae`));
  const took = await timeOnce(async () => {
    const app = create(service, { cachePlugin });
    await app.acquireTokenSilent({ account: accountOf(number), ...request });
  });
  return { ...took, requests: service.counts.requests };
}

await serve({
  async fill({ tokens }) {
    const service = createService();
    const app = create(service);
    const { account } = await signIn(app);
    const call = (at) =>
      app.acquireTokenSilent({ account, scopes: [`api://${at % tokens}/.default`] });
    for (let at = 0; at < tokens; at++) await call(at);
    cached = { service, call };
  },
  async fillAccounts({ accounts }) {
    const service = createService();
    const app = create(service);
    app.getTokenCache().deserialize(JSON.stringify(cacheOfAll(accounts)));
    const account = accountOf(accounts - 1);
    cached = { service, call: () => app.acquireTokenSilent({ account, scopes: [GRAPH] }) };
  },
  cached: ({ milliseconds }) => timeCalls(milliseconds, cached),
  async pending({ count }) {
    const service = createService({ interval: 60, approvesAfter: Number.POSITIVE_INFINITY });
    let prompts = 0;
    const held = [];
    const begin = () => {
      const app = create(service);
      held.push(app);
      signIn(app, () => {
        prompts += 1;
      }).catch(() => {});
    };
    return weigh(count, begin, () => prompts === count);
  },
  async polling({ flows, ...how }) {
    const service = createService({ approvesAfter: Number.POSITIVE_INFINITY });
    for (let at = 0; at < flows; at++) signIn(create(service)).catch(() => {});
    return cpuOfPolls(how, service.counts);
  },
  async callers({ count }) {
    const service = createService({ approvesAfter: 900 });
    let prompts = 0;
    const app = create(service);
    const call = () =>
      signIn(app, () => {
        prompts += 1;
      });
    await Promise.all(Array.from({ length: count }, call));
    return { prompts, requests: service.counts.requests };
  },
  load: (input) => silently(input, { scopes: [GRAPH] }),
  save: (input) => silently(input, { scopes: [VAULT], forceRefresh: true }),
  async signIn() {
    await signIn(create(createService()));
    return peakMemory();
  },
});
