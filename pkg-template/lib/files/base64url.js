// Base64url (RFC 7515 §2) where there are files, and so a `Buffer`. Where there is no `Uint8Array.prototype.toBase64`, jose goes from
// byte to byte: that takes eight seconds for ten thousand accounts.
import { Buffer } from "node:buffer";

/** @param {Uint8Array<ArrayBuffer>} bytes */
export function encode(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}

/** @param {string} text */
export function decode(text) {
  const bytes = Buffer.from(text, "base64url");
  // A buffer passes over what is none: then there is less in it.
  if (bytes.length !== Math.floor((text.length * 3) / 4)) throw new TypeError("no base64url");
  return bytes;
}
