// Reads what `fetch` gives, in one go: each step that Rust took by itself would be a way there and back.

/**
 * The text is decoded as by `Response.text()`; there is none if it is longer than `most` bytes.
 *
 * @param {unknown} fetched
 * @param {number} most
 */
export async function readReply(fetched, most) {
  const response = /** @type {Response | undefined} */ (await fetched);
  if (typeof response?.headers?.get !== "function") throw noResponse();
  const { body } = response;
  const isStream = typeof body?.getReader === "function";
  const retryAfter = response.headers.get("retry-after");
  return {
    status: Number(response.status),
    retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
    text: isStream ? await streamed(body, most) : whole(await response.text(), most),
  };
}

/**
 * Each piece is decoded when it is read: the next may come in the same buffer.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @param {number} most
 */
async function streamed(stream, most) {
  const reader = stream.getReader();
  if (typeof reader?.read !== "function") throw noResponse();
  const decoder = new TextDecoder();
  let text = "";
  for (let size = 0; ; ) {
    const { done, value } = Object(await reader.read());
    if (done) return text + decoder.decode();
    // Of whatever kind and realm they are.
    if (!ArrayBuffer.isView(value)) throw new Error("the reply's body gave no bytes");
    size += value.byteLength;
    if (size > most) break;
    text += decoder.decode(value, { stream: true });
  }
  // What comes of that is nobody's business any more.
  (async () => reader.cancel())().catch(() => {});
  return undefined;
}

/**
 * @param {unknown} text
 * @param {number} most
 */
function whole(text, most) {
  if (typeof text !== "string") throw new Error("the reply's `text()` gave no string");
  // Each of its units is a byte at least.
  return text.length > most ? undefined : text;
}

function noResponse() {
  return new Error("what `fetch` gave is no `Response`");
}
