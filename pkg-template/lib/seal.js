// Sealing what is stored: a JWE in compact serialization (RFC 7516 §7.1), encrypted directly with the caller's key
// (`dir`) by AES-256-GCM, so that any JOSE library can open it. The protected header names the item: whoever can write
// to the storage still can't put one account's item in another's place.
//
// The runtime's WebCrypto encrypts. Of jose, its base64url is all that is used: its JWE knows some twenty more ways, and chooses by
// what a header says, so that bundlers keep them all.
import { decode, encode } from "#base64url";

/** @import { EncryptionKey, EncryptionKeys } from "./stores/types.js" */

const HEADER = { alg: "dir", enc: "A256GCM" };
/** Both in bytes (RFC 7518 §5.3). */
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Whether a stored text is sealed. A header is a JSON object, and every one that begins `{"` gives this in base64url.
 *
 * @param {string} text
 */
export function isSealed(text) {
  return /^\s*eyJ/.test(text);
}

/**
 * Seals and opens items. Bytes are copied, as the caller's may change. They are imported anew each time, and no promise of a key is
 * kept: one made in a request of a Worker may never settle for another.
 *
 * @param {EncryptionKeys} given each 32 bytes, or a key for AES-GCM of 256 bits. The first seals, all of them open
 */
export function createSeal(given) {
  const keys = [given]
    .flat()
    .map((each) => (ArrayBuffer.isView(each) ? new Uint8Array(each) : each));

  return {
    /**
     * @param {string} text
     * @param {string} item
     */
    async close(text, item) {
      const header = encode(bytesOf(JSON.stringify({ ...HEADER, item })));
      const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
      const key = await usable(keys[0]);
      const sealed = new Uint8Array(
        await crypto.subtle.encrypt(gcm(iv, header), key, bytesOf(text)),
      );
      const parts = [iv, sealed.subarray(0, -TAG_LENGTH), sealed.subarray(-TAG_LENGTH)];
      return [header, "", ...parts.map((part) => encode(part))].join(".");
    },

    /**
     * Rejects if it was altered, sealed with another key, or is not this item.
     *
     * @param {string} stored
     * @param {string} item
     */
    async open(stored, item) {
      const [header, wrappedKey, ...parts] = stored.trim().split(".");
      if (parts.length !== 3) throw new Error("it is cut off, or no JWE");
      const { alg, enc, zip, crit, item: named } = headerOf(header);
      if (alg !== HEADER.alg || enc !== HEADER.enc || zip !== undefined || crit !== undefined) {
        throw new Error("it is sealed in another way");
      }
      const [iv, ciphertext, tag] = parts.map(decoded);
      // There is no encrypted key with `dir`.
      if (wrappedKey || iv.length !== IV_LENGTH || tag.length !== TAG_LENGTH) throw altered();
      const sealed = new Uint8Array(ciphertext.length + TAG_LENGTH);
      sealed.set(ciphertext);
      sealed.set(tag, ciphertext.length);
      const text = await opened(gcm(iv, header), sealed);
      // What the header says counts only now that it is known to be as it was written.
      if (named !== item) throw new Error("it is another item, put in this one's place");
      return text;
    },
  };

  /**
   * @param {AesGcmParams} how
   * @param {BufferSource} sealed
   */
  async function opened(how, sealed) {
    let cause;
    for (const each of keys) {
      const key = await usable(each);
      try {
        return new TextDecoder().decode(await crypto.subtle.decrypt(how, key, sealed));
      } catch (error) {
        cause = error;
      }
    }
    throw new Error("it was altered, or sealed with another key", { cause });
  }
}

/**
 * A key as WebCrypto wants it. What Rust let pass is one.
 *
 * @param {EncryptionKey} key
 */
async function usable(key) {
  if (!ArrayBuffer.isView(key)) return key;
  const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (key);
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/**
 * The header is authenticated too, as it is written (RFC 7516 §5.1).
 *
 * @param {Uint8Array<ArrayBuffer>} iv
 * @param {string} header
 */
function gcm(iv, header) {
  return { name: "AES-GCM", iv, additionalData: bytesOf(header), tagLength: TAG_LENGTH * 8 };
}

/** @param {string} encoded */
function headerOf(encoded) {
  const bytes = decoded(encoded);
  try {
    return Object(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw altered(cause);
  }
}

/** @param {string} part */
function decoded(part) {
  try {
    return /** @type {Uint8Array<ArrayBuffer>} */ (decode(part));
  } catch (cause) {
    throw altered(cause);
  }
}

/** @param {unknown} [cause] */
function altered(cause) {
  return new Error("it was altered", { cause });
}

/** @param {string} text */
function bytesOf(text) {
  return new Uint8Array(new TextEncoder().encode(text));
}
