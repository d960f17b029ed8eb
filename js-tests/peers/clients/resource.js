/** A resource over TLS that wants a bearer token: it answers as the case tells it, and remembers what it was sent. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { testServers } from "../../base/harness/servers.js";
import { listen } from "../../base/servers/listen.js";

/**
 * @typedef {object} Call
 * @property {string} method
 * @property {string} path
 * @property {string} token "" if there was none
 * @property {any} payload what the token says
 * @property {number} n 0 for the first
 *
 * @typedef {{status?: number, headers?: Record<string, string>, json?: unknown}} Answer
 */

/**
 * @param {import("../../base/harness/suite.js").TestContext} t
 * @param {(call: Call) => Answer} answer
 * @returns {Promise<{url: string, calls: Call[]}>}
 */
export async function startResource(t, answer) {
  const { certFile, keyFile } = /** @type {any} */ (testServers().certificate);
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  /** @type {Call[]} */
  const calls = [];
  const server = createServer({ cert, key }, (req, res) => {
    const [, token = ""] = /^Bearer (.+)$/.exec(req.headers.authorization ?? "") ?? [];
    const { method = "GET", url: path = "/" } = req;
    const call = { method, path, token, payload: payloadOf(token), n: calls.length };
    calls.push(call);
    const { status = 200, headers = {}, json } = token ? answer(call) : { status: 401 };
    res.writeHead(status, { "content-type": "application/json", ...headers });
    res.end(json === undefined ? undefined : JSON.stringify(json));
  });
  const { port, stop } = await listen(server);
  t.after(stop);
  return { url: `https://localhost:${port}`, calls };
}

/** @param {string} token a JWT */
function payloadOf(token) {
  const [, payload] = token.split(".");
  return payload ? JSON.parse(Buffer.from(payload, "base64url").toString()) : undefined;
}

/**
 * A refusal that says what the next token must carry.
 *
 * @param {string} claims JSON
 * @param {string} [error] what Continuous Access Evaluation sends, unless it is an old service
 * @returns {Answer}
 */
export function claimsChallenge(claims, error = "insufficient_claims") {
  const encoded = Buffer.from(claims).toString("base64");
  const authority = `authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"`;
  return {
    status: 401,
    headers: {
      "www-authenticate": `Bearer realm="", ${authority}, error="${error}", claims="${encoded}"`,
    },
    json: { error: { code: "InvalidAuthenticationToken", message: "Claims are wanted." } },
  };
}
