/**
 * What it costs to keep many accounts in one store:
 *
 *     node bench/store.js [--accounts 1,10,100,1000,10000] [--rounds 9]
 *
 * For each number of accounts and each layout, a fresh credential of one of them gets a token that is in the store (load),
 * and one that takes a refresh (load and save). The store is memory that copies what it is given, and the service answers
 * at once: what is left is what the package does, and how much it asks of the store. Figures are medians. Of the time to save
 * into one item for all, at least 0.1 s is the wait after which it is looked whether somebody else has overwritten it.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { createProject } from "../runners/project.js";

const { values } = parseArgs({
  options: {
    tarball: { type: "string" },
    accounts: { type: "string", default: "1,10,100,1000,10000" },
    rounds: { type: "string", default: "9" },
  },
});
const CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const HOST = "login.microsoftonline.com";
const GRAPH = "https://graph.microsoft.com/.default";
const VAULT = "https://vault.azure.net/.default";
/** Each grant has tokens of its own. */
let granted = 1_000_000;

const project = await createProject({ tarball: values.tarball });
const entry = createRequire(join(project.dir, "bench.js")).resolve("entra-device-code");
const { DeviceCodeCredential } = await import(pathToFileURL(entry).href);
try {
  await main();
} finally {
  await project.remove();
}

async function main() {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const layouts = [
    { name: "one item for all", partitioned: false, allowUnencryptedStorage: true },
    { name: "one item for all, encrypted", partitioned: false, encryptionKey: key },
    { name: "one item an account", allowUnencryptedStorage: true },
    { name: "one item an account, encrypted", encryptionKey: key },
  ];
  console.log(`Node ${process.versions.node}, medians of ${values.rounds} rounds\n`);
  console.log("| accounts | layout | load, ms | load and save, ms | read, KB | written, KB |");
  console.log("|---:|---|---:|---:|---:|---:|");
  for (const accounts of values.accounts.split(",").map(Number)) {
    for (const { name, ...layout } of layouts) {
      const row = await measure(accounts, layout);
      console.log(`| ${accounts} | ${name} | ${row.join(" | ")} |`);
    }
  }
}

/** @returns {Promise<string[]>} milliseconds to load, and to load and save; kilobytes read and written by the latter */
async function measure(accounts, layout) {
  const storage = await furnish(accounts, layout);
  const loads = [];
  const saves = [];
  let read = 0;
  let written = 0;
  for (let round = -2; round < Number(values.rounds); round++) {
    const number = Math.abs(round * 7919) % accounts;
    const create = () => credential(number, { storage, ...layout });
    const load = await time(() => create().getToken(GRAPH));
    storage.read = 0;
    storage.written = 0;
    const both = await time(() => create().getToken(VAULT, { claims: '{"access_token":{}}' }));
    // The first rounds are for the compilers.
    if (round < 0) continue;
    loads.push(load);
    saves.push(both);
    [read, written] = [storage.read, storage.written];
  }
  const kilobytes = [read, written].map((bytes) => (bytes / 1024).toFixed(0));
  return [median(loads).toFixed(2), median(saves).toFixed(2), ...kilobytes];
}

/** A store that holds so many accounts, written by the package itself as far as its layout goes. */
async function furnish(accounts, layout) {
  const storage = createStorage();
  if (layout.partitioned === false) {
    const rows = Array.from({ length: accounts }, (_, number) => cacheOf(number));
    const cache = {};
    for (const one of rows) {
      for (const [table, entries] of Object.entries(one)) {
        cache[table] = Object.assign(cache[table] ?? {}, entries);
      }
    }
    storage.items.set("msal.cache.nocae", JSON.stringify(cache));
    // Sealed, if it is to be, by the first save.
    await credential(0, { storage, ...layout }).getToken(VAULT);
    return storage;
  }
  for (let number = 0; number < accounts; number++) {
    storage.items.set(`msal.cache.nocae.${idOf(number)}`, JSON.stringify(cacheOf(number)));
  }
  if (layout.encryptionKey) {
    for (let number = 0; number < accounts; number++) {
      await credential(number, { storage, ...layout }).getToken(VAULT);
    }
  }
  return storage;
}

function createStorage() {
  const items = new Map();
  return {
    items,
    read: 0,
    written: 0,
    async getItem(name) {
      const text = items.get(name);
      this.read += text?.length ?? 0;
      return text === undefined ? null : structuredClone(text);
    },
    async setItem(name, text) {
      this.written += text.length;
      items.set(name, structuredClone(text));
    },
    async removeItem(name) {
      items.delete(name);
    },
  };
}

function credential(number, cachePersistenceOptions) {
  return new DeviceCodeCredential({
    authenticationRecord: {
      authority: HOST,
      clientId: CLIENT,
      homeAccountId: idOf(number),
      tenantId: "organizations",
      username: `user${number}@contoso.com`,
    },
    disableAutomaticAuthentication: true,
    cachePersistenceOptions,
    logger: (level, line) => {
      if (level === "warning") throw new Error(line);
    },
    fetch: async () =>
      Response.json({
        token_type: "Bearer",
        scope: VAULT,
        expires_in: 3599,
        access_token: secret(++granted, 1600),
        refresh_token: secret(++granted, 1300),
        id_token: secret(++granted, 1100),
      }),
  });
}

function idOf(number) {
  const hex = number.toString(16).padStart(12, "0");
  return `00000000-0000-0000-0000-${hex}.11111111-2222-3333-4444-555555555555`;
}

/** Of the sizes Entra's tokens have, and as incompressible. */
function secret(number, length) {
  let text = "eyJ";
  for (let at = number + 1; text.length < length; at = (at * 48271) % 2147483647) {
    text += at.toString(36);
  }
  return text.slice(0, length);
}

/** The cache of one account after a sign-in, as MSAL writes it. */
function cacheOf(number) {
  const id = idOf(number);
  const account = { home_account_id: id, environment: HOST };
  const client = { ...account, client_id: CLIENT };
  const realm = "organizations";
  const now = Math.floor(Date.now() / 1000);
  const at = `${id}-${HOST}-accesstoken-${CLIENT}-${realm}-${GRAPH}`;
  const rt = `${id}-${HOST}-refreshtoken-${CLIENT}--${GRAPH}`;
  const idToken = `${id}-${HOST}-idtoken-${CLIENT}-${realm}-`;
  return {
    AccessToken: {
      [at]: {
        credential_type: "AccessToken",
        secret: secret(number, 1600),
        ...client,
        target: GRAPH,
        realm,
        token_type: "Bearer",
        cached_at: `${now}`,
        expires_on: `${now + 86400}`,
        extended_expires_on: `${now + 86400}`,
      },
    },
    RefreshToken: {
      [rt]: {
        credential_type: "RefreshToken",
        secret: secret(number, 1300),
        ...client,
        target: GRAPH,
        last_modification_time: `${now}`,
      },
    },
    IdToken: {
      [idToken]: { credential_type: "IdToken", secret: secret(number, 1100), ...client, realm },
    },
    Account: {
      [`${id}-${HOST}-${realm}`]: {
        ...account,
        realm,
        local_account_id: id.slice(0, 36),
        username: `user${number}@contoso.com`,
        authority_type: "MSSTS",
      },
    },
    AppMetadata: {
      [`appmetadata-${HOST}-${CLIENT}`]: { client_id: CLIENT, environment: HOST },
    },
  };
}

async function time(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
