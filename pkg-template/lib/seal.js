// Sealing what is stored: a JWE in compact serialization (RFC 7516 §7.1), encrypted directly with the caller's key
// (`dir`) by AES-256-GCM, so that any JOSE library can open it. The protected header names the item: whoever can write
// to the storage still can't put one account's item in another's place.

const ALGORITHM = "AES-GCM";
const HEADER = { alg: "dir", enc: "A256GCM" };
/** Both in bytes (RFC 7518 §5.3). */
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
const PIECE = 8192;

/** Whether a stored text is sealed. A header is a JSON object, and every one that begins `{"` gives this in base64url. */
export function isSealed(text) {
  return /^\s*eyJ/.test(text);
}

/** Seals and opens items with a key: 32 bytes, or a CryptoKey for AES-GCM of 256 bits. */
export function createSeal(key) {
  const isRaw = ArrayBuffer.isView(key);
  const given = isRaw ? new Uint8Array(key) : key;
  let imported = isRaw ? undefined : given;

  // The key is kept, not a promise of it: one made in a request of a Worker may never settle for another.
  async function useKey() {
    imported ??= await crypto.subtle.importKey("raw", given, ALGORITHM, false, [
      "encrypt",
      "decrypt",
    ]);
    return imported;
  }

  return {
    async close(text, item) {
      const header = encode(utf8(JSON.stringify({ ...HEADER, item })));
      const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
      const parameters = gcm(iv, header);
      const sealed = new Uint8Array(
        await crypto.subtle.encrypt(parameters, await useKey(), utf8(text)),
      );
      const end = sealed.length - TAG_LENGTH;
      const parts = [iv, sealed.subarray(0, end), sealed.subarray(end)];
      return `${header}..${parts.map(encode).join(".")}`;
    },

    /** Rejects if it was altered, sealed with another key, or is not this item. */
    async open(jwe, item) {
      const [header, wrappedKey, ...parts] = jwe.trim().split(".");
      if (wrappedKey !== "" || parts.length !== 3) throw new Error("it is cut off, or no JWE");
      check(header, item);
      const [iv, ciphertext, tag] = parts.map(decode);
      if (iv.length !== IV_LENGTH || tag.length !== TAG_LENGTH) throw altered();
      const sealed = new Uint8Array(ciphertext.length + TAG_LENGTH);
      sealed.set(ciphertext);
      sealed.set(tag, ciphertext.length);
      const key = await useKey();
      try {
        const text = await crypto.subtle.decrypt(gcm(iv, header), key, sealed);
        return new TextDecoder().decode(text);
      } catch (cause) {
        throw new Error("it was altered, or sealed with another key", { cause });
      }
    },
  };
}

function check(encoded, item) {
  const { alg, enc, zip, crit, item: sealed } = parse(new TextDecoder().decode(decode(encoded)));
  if (alg !== HEADER.alg || enc !== HEADER.enc || zip !== undefined || crit !== undefined) {
    throw new Error("it is sealed in another way");
  }
  if (sealed !== item) throw new Error("it is another item, put in this one's place");
}

function parse(json) {
  try {
    return JSON.parse(json) ?? {};
  } catch {
    throw altered();
  }
}

function altered() {
  return new Error("it was altered");
}

/** The header is authenticated too, as it is written (RFC 7516 §5.1). */
function gcm(iv, header) {
  return { name: ALGORITHM, iv, additionalData: utf8(header), tagLength: TAG_LENGTH * 8 };
}

function utf8(text) {
  return new TextEncoder().encode(text);
}

/** base64url without padding (RFC 7515 §2). */
function encode(bytes) {
  let binary = "";
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += PIECE) {
    binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decode(text) {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) throw altered();
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
