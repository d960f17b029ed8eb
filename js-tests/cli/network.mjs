/**
 * Loaded before a program, this is its network: Microsoft's login hosts lead to a scenario of the stand-in, a few resources
 * answer whoever has a token of its own, and nothing else is there. The variable NETWORK says where and which.
 */

const { entra, scenario, resources = {} } = JSON.parse(globalThis.process.env.NETWORK);
const hostFetch = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const { href, host, pathname, search } = new URL(input.url ?? input);
  if (host.startsWith("login.")) {
    return hostFetch(`${entra}/~${scenario}/${host}${pathname}${search}`, init);
  }
  const resource = resources[href];
  if (resource === undefined) {
    throw new TypeError("fetch failed", { cause: new Error(`${host} is not on this network`) });
  }
  const { scp, aud } = claimsOf(new Headers(init.headers).get("authorization"));
  const granted = aud === new URL(href).origin && scp.includes(resource.scope);
  if (!granted) return new Response("", { status: 401 });
  return typeof resource.body === "string"
    ? new Response(resource.body)
    : Response.json(resource.body);
};

function claimsOf(authorization) {
  const [, payload] = authorization?.match(/^Bearer [^.]+\.([^.]+)\./) ?? [];
  return payload ? JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) : {};
}
