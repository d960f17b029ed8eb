/** A scripted reply, made into what goes over the wire, faults included. */

import { setTimeout as sleep } from "node:timers/promises";
import { errorReply } from "./errors.js";

/** How long a reply waits for other requests at most, in ms. */
const TOGETHER = 10_000;

/**
 * @typedef {object} Scripted
 * Where nothing below gives another reply (`status`, `json`, `text`, `error`, `redirect`, `drop`, `hang`), the default
 * one is made and then changed by `set` and `omit`. A reply that is not the default leaves codes and tokens as they are.
 * @property {boolean} [default] make the default reply whatever else is given: `{default: true, drop: "body"}` is one
 *   that Entra sent and the network lost
 * @property {number} [status]
 * @property {Record<string, string>} [headers]
 * @property {unknown} [json]
 * @property {string} [text]
 * @property {string | number} [error] an OAuth error code or an AADSTS number: Entra's whole reply for it
 * @property {Record<string, unknown>} [set] fields to add or replace
 * @property {string[]} [omit] fields to leave out
 * @property {string | true} [redirect] to a URL, or (true) to one of this scenario that records who follows
 * @property {number} [big] pad the JSON to more than this many bytes, sent without a length
 * @property {number} [delayMs] wait before making the reply
 * @property {number} [together] wait, 10 s at most, until this endpoint was asked so often since the scenario began
 * @property {"connect" | "headers" | "body"} [drop] destroy the connection before any byte, after the head, or half-way
 *   through the body
 * @property {boolean} [hang] never answer
 * @property {number | "forever"} [repeat]
 */

/**
 * @typedef {object} Exchange
 * @property {import("./scenario.js").Scenario} scenario
 * @property {import("./recording.js").RecordedRequest} recorded
 * @property {import("node:http").ServerResponse} res
 * @property {string | undefined} correlationId
 * @property {string} elsewhere where `redirect: true` leads
 * @property {() => import("./replies.js").Reply} makeDefault
 */

/**
 * @param {Scripted} scripted `{}` for the default
 * @param {Exchange} exchange
 */
export async function answer(scripted, exchange) {
  const { scenario, recorded, res } = exchange;
  let dropped = false;
  res.on("close", () => {
    if (!res.writableFinished && !dropped) recorded.aborted = true;
    scenario.recording.changed();
  });

  if (scripted.hang) return scenario.hang(() => drop());
  if (scripted.delayMs) await sleep(scripted.delayMs);
  if (scripted.together) await together(scripted.together, exchange);
  const latency = scenario.latencyOf(recorded.n);
  if (latency) await sleep(latency / 2);
  if (res.destroyed || recorded.aborted) return;
  if (scripted.drop === "connect" && !scripted.default) return drop();

  const { status, headers, body } = compose(scripted, exchange);
  recorded.status = status;
  if (latency) await sleep(latency / 2);
  if (scripted.drop === "connect") return drop();
  if (scripted.big === undefined) headers["content-length"] = String(body.length);
  res.writeHead(status, headers);
  if (scripted.drop === "headers") {
    res.flushHeaders();
    return setImmediate(drop);
  }
  if (scripted.drop === "body") {
    return res.write(body.subarray(0, Math.ceil(body.length / 2)), () => setImmediate(drop));
  }
  res.end(body, () => {
    recorded.repliedAt = scenario.recording.now();
    scenario.recording.changed();
  });

  function drop() {
    dropped = true;
    res.destroy();
  }
}

/**
 * @param {number} atLeast
 * @param {Exchange} exchange
 */
function together(atLeast, { scenario, recorded: { endpoint } }) {
  return scenario.recording.wait({ endpoint, atLeast, within: TOGETHER });
}

/**
 * @param {Scripted} scripted
 * @param {Exchange} exchange
 */
function compose(scripted, exchange) {
  const { status, headers: own, json, text } = scripted;
  const base = wantsDefault(scripted) ? exchange.makeDefault() : scriptedBase(scripted, exchange);
  /** @type {Record<string, string>} */
  const headers = { "cache-control": "no-store, no-cache", pragma: "no-cache", expires: "-1" };
  if (exchange.correlationId) headers["client-request-id"] = exchange.correlationId;
  if (scripted.redirect) {
    headers.location = scripted.redirect === true ? exchange.elsewhere : scripted.redirect;
  }

  let body = text ?? "";
  const content = json !== undefined ? json : base.json;
  if (text === undefined && content !== undefined) {
    headers["content-type"] = "application/json; charset=utf-8";
    body = JSON.stringify(changed(content, scripted));
  } else if (body) {
    headers["content-type"] = "text/html; charset=utf-8";
  }
  for (const [name, value] of Object.entries(own ?? {})) headers[name.toLowerCase()] = value;
  return { status: status ?? base.status, headers, body: Buffer.from(body) };
}

/** @param {Scripted} scripted */
function wantsDefault({ default: asked, set, omit, error, json, ...rest }) {
  if (asked) return true;
  if (error !== undefined || json !== undefined) return false;
  if (set || omit) return true;
  return !["status", "text", "redirect", "drop"].some((name) => name in rest);
}

/**
 * @param {Scripted} scripted
 * @param {Exchange} exchange
 * @returns {import("./replies.js").Reply}
 */
function scriptedBase({ error, redirect, drop }, { correlationId }) {
  if (error !== undefined) return errorReply(error, { correlationId });
  if (redirect) return { status: 302 };
  // Something to break off in the middle of.
  if (drop) return { status: 200, json: { token_type: "Bearer", padding: "x".repeat(2048) } };
  return { status: 200 };
}

/**
 * @param {unknown} content
 * @param {Scripted} scripted
 */
function changed(content, { set, omit = [], big }) {
  if (!set && !omit.length && big === undefined) return content;
  const fields = { .../** @type {object} */ (content), ...set };
  for (const name of omit) delete fields[name];
  if (big !== undefined) fields.padding = "x".repeat(big);
  return fields;
}
