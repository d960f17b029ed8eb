// A Worker and its Durable Object: each does the errand of a request, with the store that the request names.
import { durableObjectStorage, workersKvStorage } from "entra-device-code/cloudflare";
import { createStorage } from "unstorage";
import kvDriver from "unstorage/drivers/cloudflare-kv-binding";
import { act } from "./act.js";

export class Tokens {
  /** How many errands this instance did: an object that was evicted begins anew. */
  #errands = 0;

  constructor(ctx) {
    this.ctx = ctx;
  }

  async fetch(request) {
    const errand = await request.json();
    if (errand.do === "evict") this.ctx.abort("evicted");
    this.#errands += 1;
    const items = [...(await this.ctx.storage.list()).keys()];
    const storage = durableObjectStorage(this.ctx.storage);
    return respond(async () => ({
      ...(await act(errand, { storage })),
      errands: this.#errands,
      items,
    }));
  }
}

const STORES = {
  kv: ({ TOKENS }) => workersKvStorage(TOKENS),
  unstorage: ({ TOKENS }) => createStorage({ driver: kvDriver({ binding: TOKENS }) }),
};

export default {
  async fetch(request, env) {
    const errand = await request.clone().json();
    if (errand.store === "object") {
      const { OBJECTS } = env;
      return OBJECTS.get(OBJECTS.idFromName(errand.object)).fetch(request);
    }
    return respond(() => act(errand, { storage: STORES[errand.store](env) }));
  },
};

async function respond(outcome) {
  try {
    return Response.json(await outcome());
  } catch (error) {
    return Response.json({ error: `${error.name}: ${error.message}` }, { status: 500 });
  }
}
