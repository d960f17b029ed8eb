/** Plugins and storages, which work, fail and hold what they should not. */

import { createCipheriv, randomBytes } from "node:crypto";
import { count } from "./kinds.js";
import { altered, chance, maybe, odd, pick, sometimes } from "./odd.js";

const KEY = new Uint8Array(32).fill(7);
const OTHER_KEY = new Uint8Array(32).fill(8);

/** What may become of a sealed item, whose name is known. */
const HARMS = {
  itemsWhole: (text) => text,
  itemsCut: (text) => text.slice(0, Math.floor(chance() * text.length)),
  itemsAltered(text) {
    const at = Math.floor(chance() * text.length);
    return text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
  },
  itemsOfAnotherKey: (_, name) => seal('{"Account":{}}', name, OTHER_KEY),
  itemsOfAnotherName: () => seal('{"Account":{}}', "another", KEY),
  itemsOfOddText: (_, name) =>
    seal(pick(["", "garbage", "[]", '{"RefreshToken":{', "7"]), name, KEY),
};

export function plugin() {
  let text = "";
  return {
    async beforeCacheAccess({ tokenCache }) {
      if (maybe()) return sometimes(odd);
      tokenCache.deserialize(maybe() ? odd() : altered(text));
    },
    async afterCacheAccess({ cacheHasChanged, tokenCache }) {
      if (maybe()) return sometimes(odd);
      if (!cacheHasChanged) return;
      count("pluginWrites");
      text = tokenCache.serialize();
    },
  };
}

export function storage() {
  const items = new Map();
  const storage = {
    getItem(name) {
      if (maybe()) return sometimes(odd);
      const text = items.get(name) ?? null;
      if (!text?.startsWith("eyJ")) return altered(text);
      const kind = chance() < 0.3 ? "itemsWhole" : pick(Object.keys(HARMS));
      count(kind);
      return HARMS[kind](text, name);
    },
    setItem(name, text) {
      if (maybe()) return sometimes(odd);
      if (text.startsWith("eyJ")) count("itemsEncrypted");
      items.set(name, text);
    },
    removeItem(name) {
      items.delete(name);
    },
  };
  return {
    storage,
    allowUnencryptedStorage: true,
    encryptionKey: pick([undefined, KEY, KEY, [KEY, OTHER_KEY]]),
    partitioned: chance() < 0.5,
  };
}

/** A JWE as the package writes it: of a key, for an item. */
function seal(text, item, key) {
  const header = base64url(JSON.stringify({ alg: "dir", enc: "A256GCM", item }));
  const vector = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, vector);
  cipher.setAAD(Buffer.from(header));
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return [header, "", ...[vector, sealed, cipher.getAuthTag()].map(base64url)].join(".");
}

function base64url(bytes) {
  return Buffer.from(bytes).toString("base64url");
}
