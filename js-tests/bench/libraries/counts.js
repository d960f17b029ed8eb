// How often this package does what costs: counts, which are the same on every machine, however busy.

import { readFileSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { cacheOfAll, GRAPH, VAULT } from "./accounts.js";
import { serve } from "./serve.js";
import { createService, fetchFrom } from "./service.js";
import { furnish, LAYOUTS, migrating } from "./storage.js";
import { crossings, memorySize } from "./wasm.js";

// The package comes after that, which counts what is instantiated from then on.
const {
  createCredential: create,
  storedCredential: known,
  RENEWED,
} = await import("./credential.js");

/** Counts the timers and abort signals that are made from now on. */
function countHostObjects() {
  const counts = { timers: 0, abortControllers: 0 };
  for (const name of ["setTimeout", "setInterval", "setImmediate"]) {
    const original = globalThis[name];
    globalThis[name] = (...args) => {
      counts.timers += 1;
      return original(...args);
    };
  }
  globalThis.AbortController = class extends AbortController {
    constructor() {
      super();
      counts.abortControllers += 1;
    }
  };
  return counts;
}

/** Bytes that the process has read and written, as Linux counts them. */
function ownInputOutput() {
  const text = readFileSync("/proc/self/io", "utf8");
  const [read, written] = ["rchar", "wchar"].map((name) => text.match(`${name}: (\\d+)`)[1]);
  return { read: Number(read), written: Number(written) };
}

/** How many characters JavaScript parses from now on, and makes base64 of or from: both is done faster elsewhere. */
function countCharacters(counts = {}) {
  Object.assign(counts, { parsed: 0, base64: 0 });
  for (const [what, place, name] of [
    ["parsed", JSON, "parse"],
    ["base64", globalThis, "btoa"],
    ["base64", globalThis, "atob"],
  ]) {
    const original = place[name];
    place[name] = (text, ...more) => {
      counts[what] += text.length;
      return original(text, ...more);
    };
  }
  return counts;
}

async function inputOutput(work) {
  const counts = countCharacters();
  const before = ownInputOutput();
  await work();
  const after = ownInputOutput();
  const { parsed } = counts;
  return { read: after.read - before.read, written: after.written - before.written, parsed };
}

await serve({
  /** What a call costs whose token is in memory, with so many other tokens. */
  async cached({ tokens, calls }) {
    const host = countHostObjects();
    const service = createService();
    const credential = create(service);
    for (let at = 0; at < tokens; at++) await credential.getToken(`api://${at}/.default`);
    await credential.getToken(GRAPH);
    const requests = service.counts.requests;
    const timers = host.timers;
    const memory = memorySize();
    crossings.reset();
    for (let at = 0; at < calls; at++) await credential.getToken(GRAPH);
    return {
      in: crossings.in / calls,
      out: crossings.out / calls,
      requests: service.counts.requests - requests,
      timers: host.timers - timers,
      memory: memorySize() - memory,
    };
  },
  /** What a poll costs, from its request to the next. The least of several: a timer that is early makes one more. */
  async poll({ polls }) {
    const host = countHostObjects();
    const names = ["in", "out", "timers", "abortControllers"];
    const least = Object.fromEntries(names.map((name) => [name, Number.POSITIVE_INFINITY]));
    const send = fetchFrom(createService({ approvesAfter: Number.POSITIVE_INFINITY }));
    await new Promise((enough) => {
      let before;
      let seen = 0;
      const fetch = (url, init) => {
        const counts = { ...crossings, ...host };
        if (before)
          for (const name of names)
            least[name] = Math.min(least[name], counts[name] - before[name]);
        if (String(init.body).includes("device_code=")) before = counts;
        if (seen++ > polls) enough();
        return send(url, init);
      };
      create(createService(), { fetch })
        .getToken(GRAPH)
        .catch(() => {});
    });
    return least;
  },
  /** Bytes of WebAssembly's memory that each of so many sign-ins takes while it waits for its user. */
  async pending({ count }) {
    const service = createService({ interval: 60, approvesAfter: Number.POSITIVE_INFINITY });
    const held = [];
    const begin = (many) =>
      Promise.all(
        Array.from({ length: many }, () => {
          return new Promise((prompted) => {
            const credential = create(service, { promptCallback: prompted });
            held.push(credential);
            credential.getToken(GRAPH).catch(() => {});
          });
        }),
      );
    await begin(count);
    const before = memorySize();
    await begin(count);
    return { bytes: (memorySize() - before) / count };
  },
  /** The requests of a token for something else, from a credential that has signed in. */
  async renewal() {
    const service = createService();
    const credential = create(service);
    await credential.getToken(GRAPH);
    const before = service.counts.requests;
    await Promise.all(Array.from({ length: 50 }, () => credential.getToken(VAULT)));
    return { requests: service.counts.requests - before };
  },
  /** What a store is asked that holds so many accounts, for the sake of one. */
  async store({ accounts, layout }) {
    const saved = (number, persistence) => known(number, persistence).getToken(VAULT, RENEWED);
    const save = (storage, number) => saved(number, { storage, ...LAYOUTS[layout] });
    const first = (storage, number) => saved(number, { storage, ...migrating(layout) });
    const storage = await furnish(accounts, layout, first);
    await save(storage, 0);
    countCharacters(storage.counts);
    const size = [...storage.items.values()].reduce((sum, text) => sum + text.length, 0);
    const count = async (work) => {
      const before = { ...storage.counts };
      await work();
      return Object.fromEntries(
        Object.entries(storage.counts).map(([name, value]) => [name, value - before[name]]),
      );
    };
    return {
      size,
      load: await count(() => known(0, { storage, ...LAYOUTS[layout] }).getToken(GRAPH)),
      save: await count(() => save(storage, 0)),
    };
  },
  /** The same of the file that is shared with MSAL. */
  async file({ accounts }) {
    const folder = join(homedir(), ".IdentityService");
    await mkdir(folder, { recursive: true });
    const path = join(folder, "counts.nocae");
    await writeFile(path, JSON.stringify(cacheOfAll(accounts)));
    const persistence = { name: "counts", allowUnencryptedStorage: true };
    const load = () => known(0, persistence).getToken(GRAPH);
    const save = () => known(0, persistence).getToken(VAULT, RENEWED);
    // The modules that this takes are read once.
    await save();
    const { size } = await stat(path);
    return { size, load: await inputOutput(load), save: await inputOutput(save) };
  },
});
