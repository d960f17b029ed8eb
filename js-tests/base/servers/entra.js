/**
 * A stand-in for Microsoft Entra ID: its device code protocol over TLS on the loopback, field by field, scriptable
 * reply by reply. `entra/routing.js` says how a request reaches its scenario, `entra/control.js` how tests drive it.
 */

import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createControl } from "./entra/control.js";
import { errorReply } from "./entra/errors.js";
import { defaultReply } from "./entra/replies.js";
import { route } from "./entra/routing.js";
import { answer } from "./entra/scripted.js";
import { listen } from "./listen.js";

/** @typedef {{url: string, control: string, stop: () => Promise<void>}} EntraServer */

/**
 * @param {object} options
 * @param {import("./certificate.js").Certificate} options.certificate
 * @param {Record<string, import("./entra/control.js").Control>} [options.controls] added to the control API
 * @returns {Promise<EntraServer>} `url` for clients; `control` is the control API alone, over plain HTTP, for runtimes
 *   where trusting the certificate would be in the way
 */
export async function startEntra({ certificate, controls = {} }) {
  /** @type {Map<string, import("./entra/scenario.js").Scenario>} */
  const scenarios = new Map();
  const control = createControl(scenarios, controls);

  const handle = (protocol) => async (req, res) => {
    const url = new URL(req.url, "https://localhost");
    const body = await readBody(req);
    if (url.pathname.startsWith("/_/")) {
      const { status, json } = await control(req.method, url, body);
      return respond(res, status, json);
    }
    if (!protocol) return respond(res, 404, { error: "only the control API is here" });
    return converse(scenarios, req, res, url, body);
  };
  const tls = { cert: certificate.cert, key: certificate.key };
  const secure = await listen(createHttpsServer(tls, guarded(handle(true))));
  const plain = await listen(createHttpServer(guarded(handle(false))));
  return {
    url: `https://localhost:${secure.port}`,
    control: `http://127.0.0.1:${plain.port}`,
    async stop() {
      for (const scenario of scenarios.values()) scenario.close();
      await Promise.all([secure.stop(), plain.stop()]);
    },
  };
}

/**
 * One protocol request: find its scenario, record it, answer it.
 *
 * @param {Map<string, import("./entra/scenario.js").Scenario>} scenarios
 * @param {import("node:http").IncomingMessage} req
 * @param {import("node:http").ServerResponse} res
 * @param {URL} url
 * @param {string} body
 */
async function converse(scenarios, req, res, url, body) {
  const ownHost = req.headers.host ?? "localhost";
  const found = route(url.pathname, ownHost);
  const correlationId = req.headers["client-request-id"]?.toString();
  const scenario = scenarios.get(found.scenario);
  // Without a scenario of that name there is no such tenant.
  if (!scenario) {
    const { status, json } = errorReply(90002, { correlationId });
    return respond(res, found.endpoint === "unknown" ? 404 : status, json);
  }

  const isForm = req.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  const form = isForm ? Object.fromEntries(new URLSearchParams(body)) : {};
  const query = Object.fromEntries(url.searchParams);
  const method = req.method ?? "GET";
  const refreshes = found.endpoint === "token" && form.grant_type === "refresh_token";
  const endpoint = refreshes ? "refresh" : found.endpoint;
  const { host, path } = found;
  const headers = /** @type {Record<string, string>} */ ({ ...req.headers });
  const recorded = scenario.recording.add({ endpoint, method, host, path, query, headers, form });
  const request = { scenario, route: found, method, query, form, correlationId };
  await answer(scenario.nextScripted(endpoint) ?? {}, {
    scenario,
    recorded,
    res,
    correlationId,
    elsewhere: `https://${ownHost}/~${encodeURIComponent(scenario.id)}/elsewhere.test/`,
    makeDefault: () => defaultReply(endpoint, request),
  });
}

/** A defect of the stand-in must fail the test that meets it, not every other one. */
function guarded(handler) {
  return (req, res) => {
    handler(req, res).catch((error) => {
      if (error.code === "ECONNRESET") return; // the client left while it was still sending
      console.error("entra stand-in:", error);
      if (!res.headersSent) respond(res, 500, { error: String(error) });
      else res.destroy();
    });
  };
}

async function readBody(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function respond(res, status, json) {
  res.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  res.end(JSON.stringify(json));
}
