/** A server's replies, good and odd. */

import { count } from "./kinds.js";
import { altered, chance, maybe, odd, pick, plainOdd, sometimes } from "./odd.js";

export const SCOPE = "User.Read";
export const METADATA = "https://id.example/t/.well-known/openid-configuration";
const STATUSES = [200, 200, 201, 302, 400, 401, 404, 408, 429, 500, 503];

export async function fetch(url, init) {
  if (maybe()) return sometimes(pick([odd, oddResponse]));
  const status = maybe() ? pick(STATUSES) : 200;
  const isPending = `${init.body}`.includes("device_code=") && chance() < 0.3;
  const reply = isPending ? { error: "authorization_pending" } : goodReply(url, init);
  if (maybe()) reply[pick(Object.keys(reply))] = plainOdd();
  const text = altered(JSON.stringify(reply));
  const headers = maybe()
    ? { "retry-after": pick(["1", "-1", "1e9", "soon", "Wed, 21 Oct 9999 07:28:00 GMT"]) }
    : {};
  return new Response(text, { status: isPending ? 400 : status, headers });
}

function oddResponse() {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(odd());
      controller.close();
    },
  });
  return pick([
    { status: 200, headers: new Headers(), body },
    { status: odd(), headers: odd(), body: odd(), text: odd() },
    { status: 200, headers: { get: () => odd() }, body: null, text: async () => odd() },
    { status: 200, headers: { get: () => null }, body: { getReader: () => odd() } },
  ]);
}

export function goodReply(url) {
  const { host } = new URL(url);
  if (url.includes("/discovery/instance")) {
    return { tenant_discovery_endpoint: `https://${host}/t`, metadata: [] };
  }
  if (url.includes("/openid-configuration")) {
    if (url === METADATA) count("metadataRead");
    return {
      issuer: `https://${host}/t`,
      token_endpoint: `https://${host}/t/token`,
      device_authorization_endpoint: `https://${host}/t/devicecode`,
    };
  }
  if (url.includes("/devicecode")) {
    return {
      device_code: "DAQABIQEAAADnfolhJpSnRYB1SVj",
      user_code: "ABCD1234",
      verification_uri: "https://microsoft.com/devicelogin",
      expires_in: 120,
      interval: 5,
      message: "enter ABCD1234",
    };
  }
  return {
    token_type: "Bearer",
    access_token: `token${chance()}`,
    refresh_token: `refresh token ${chance()}`,
    expires_in: 3600,
    refresh_in: 1800,
    scope: SCOPE,
    client_info: "eyJ1aWQiOiJhZGEiLCJ1dGlkIjoiY29udG9zbyJ9",
    id_token: `e30.${btoa('{"sub":"ada","tid":"contoso","preferred_username":"ada"}').replaceAll("=", "")}.`,
  };
}
