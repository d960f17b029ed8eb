/** What a Worker's `fetch` reaches: stand-ins for Microsoft Entra ID and Microsoft Graph, and nothing else. */

import { Response } from "miniflare";
import { testServers } from "../../base/harness/servers.js";
import { trustingFetch } from "../../base/servers/https-client.js";

const GRAPH = "https://graph.microsoft.com";
const SECRETS = ["access_token", "refresh_token", "id_token"];

/**
 * @param {object} world
 * @param {import("../../base/harness/scenario.js").Scenario[]} world.scenarios whose users enter the codes, in turn
 * @param {string} world.ca whom to trust, PEM
 * @returns {{network: (request: Request) => Promise<Response>, issued: string[]}} `issued`: every token, as it goes by
 */
export function createNetwork({ scenarios, ca }) {
  const fetchEntra = trustingFetch(ca);
  const turns = [...scenarios];
  /** Whose sign-in it is, by what it goes on with. */
  const owners = new Map();
  const issued = [];

  async function network(request) {
    const { host } = new URL(request.url);
    if (host === "login.microsoftonline.com") return entra(request);
    if (request.url === `${GRAPH}/v1.0/me`) return graph(request);
    return new Response(`there is no ${request.url}`, { status: 404 });
  }

  async function entra(request) {
    const { host, pathname, search } = new URL(request.url);
    const body = await request.text();
    const form = new URLSearchParams(body);
    const owner = owners.get(form.get("device_code") ?? form.get("refresh_token")) ?? turns[0];
    if (pathname.endsWith("/devicecode")) turns.push(turns.shift());
    const reply = await fetchEntra(
      `${testServers().entra.url}/~${owner.id}/${host}${pathname}${search}`,
      {
        method: request.method,
        headers: { ...Object.fromEntries(request.headers), host: "localhost" },
        body,
      },
    );
    const { status, headers } = reply;
    const text = await reply.text();
    const fields = headers.get("content-type")?.includes("json") ? JSON.parse(text) : {};
    for (const name of ["device_code", "refresh_token"]) {
      if (fields[name]) owners.set(fields[name], owner);
    }
    issued.push(...SECRETS.map((name) => fields[name]).filter(Boolean));
    return new Response(text, { status, headers: Object.fromEntries(headers) });
  }

  /** Tells who a token is of. */
  function graph(request) {
    const [, token = ""] = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
    const { aud, exp, scp = "", upn } = payload(token);
    const good = aud === GRAPH && exp * 1000 > Date.now() && /\bUser\.Read\b/.test(scp);
    if (!good)
      return Response.json({ error: { code: "InvalidAuthenticationToken" } }, { status: 401 });
    const user = scenarios.map((each) => each.user).find(({ username }) => username === upn);
    return Response.json({ displayName: user?.name, userPrincipalName: upn });
  }

  return { network, issued };
}

function payload(jwt) {
  const [, claims] = jwt.split(".");
  return claims ? JSON.parse(Buffer.from(claims, "base64url").toString()) : {};
}
