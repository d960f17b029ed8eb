// Sending a request, and reading 1 MiB of the reply at most.

const LARGEST_BODY = 2 ** 20;

/** The reply is longer than anybody's tokens. */
export class TooLargeError extends Error {}

/** Resolves to `{status, retryAfter?, body}`. Never follows a redirect. */
export async function exchange(fetch, { url, headers, body }, signal) {
  const init = { method: "GET", headers, redirect: "manual", signal };
  if (body !== undefined) {
    init.method = "POST";
    init.body = body;
    headers["content-type"] = "application/x-www-form-urlencoded";
  }
  const response = await fetch(url, init);
  return {
    status: response.status,
    retryAfter: retryAfter(response.headers.get("retry-after")),
    body: await read(response),
  };
}

/** `Retry-After` (RFC 9110 §10.2.3), seconds or a date, in milliseconds from now. */
function retryAfter(text) {
  if (text === null) return undefined;
  if (/^\s*\d+\s*$/.test(text)) return text * 1000;
  const date = /GMT\s*$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

async function read(response) {
  const reader = response.body?.getReader?.();
  if (!reader) {
    const text = await response.text();
    if (text.length > LARGEST_BODY) throw new TooLargeError();
    return text;
  }
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > LARGEST_BODY) {
      reader.cancel().catch(() => {});
      throw new TooLargeError();
    }
    text += decoder.decode(value, { stream: true });
  }
}
