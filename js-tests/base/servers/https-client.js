/**
 * A `fetch` that trusts the test authority. Node's own reads NODE_EXTRA_CA_CERTS once, before the certificate exists in
 * the process that makes it.
 */

import { request } from "node:https";

/**
 * @param {string} ca PEM
 * @returns {(url: string | URL, init?: {method?: string, headers?: Record<string, string>, body?: string | URLSearchParams}) =>
 *   Promise<Response>} never follows a redirect
 */
export function trustingFetch(ca) {
  return (url, { method = "GET", headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const isForm = body instanceof URLSearchParams;
      const type = isForm ? { "content-type": "application/x-www-form-urlencoded" } : {};
      const outgoing = request(url, { method, ca, headers: { ...type, ...headers }, agent: false });
      outgoing.on("error", reject);
      outgoing.on("response", (incoming) => {
        const chunks = [];
        incoming.on("error", reject);
        incoming.on("data", (chunk) => chunks.push(chunk));
        incoming.on("end", () => resolve(toResponse(incoming, Buffer.concat(chunks))));
      });
      outgoing.end(body?.toString());
    });
}

/**
 * @param {import("node:http").IncomingMessage} incoming
 * @param {Buffer} body
 */
function toResponse({ statusCode: status = 200, rawHeaders }, body) {
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i], rawHeaders[i + 1]);
  const bodiless = status === 204 || status === 304;
  return new Response(bodiless ? null : body, { status, headers });
}
