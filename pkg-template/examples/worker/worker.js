// A Cloudflare Worker that signs its visitors in with a code, and calls Microsoft Graph as each of them:
//
//     GET  /         the page: a button, then the code, then who signed in
//     POST /signin   begins a sign-in
//     POST /signout  ends the session, or the sign-in that waits
//
// Each session is a Durable Object (session.js), with the tokens in its own storage. So no visitor gets another's; a sign-in or
// sign-out counts everywhere at once (in Workers KV, that could take a minute); and however many requests need a token, in
// whatever isolates, it is renewed in one place, once.
//
// Whoever begins a sign-in may act as whoever enters its code. If not everybody is to, put Cloudflare Access before it.
import { failedPage, refusalPage, signedInPage, startPage, waitingPage } from "./page.js";

export { Session } from "./session.js";

/**
 * @typedef {object} Env what wrangler.jsonc says, and the secret
 * @property {string} CLIENT_ID
 * @property {string} TENANT_ID
 * @property {string} ENCRYPTION_KEY
 * @property {DurableObjectNamespace<import("./session.js").Session>} SESSIONS
 * @property {RateLimit} [SIGN_INS]
 */

/** @typedef {ReturnType<typeof readVisit>} Visit */

/** A session's object, and the key to it: the visitor's secret. */
const COOKIE = /(?:^|; )__Host-session=([\da-f]{64})\.([\da-f]{64})(?:;|$)/;

/** @type {ExportedHandler<Env>} */
export default {
  async fetch(request, env, context) {
    const answer = respond(request, env).catch((error) => {
      console.error(error); // no error of the package shows a token
      return show(503, refusalPage("That did not work just now", "Try again in a moment."));
    });
    // A visitor may leave during a poll, and its answer may be the tokens, which are given once.
    context.waitUntil(answer);
    return answer;
  },
};

/**
 * @param {Request} request
 * @param {Env} env
 */
async function respond(request, env) {
  const { method, headers, url } = request;
  const { pathname, searchParams } = new URL(url);
  const visit = readVisit(headers.get("cookie") ?? "", env);
  // A form of another site's is none of ours. (Browsers send it without the cookie, which is SameSite=Lax; and what it began
  // would take that cookie's place.)
  const site = headers.get("sec-fetch-site") ?? "none";
  if (method === "POST" && site !== "same-origin" && site !== "none") {
    return show(403, refusalPage("That came from elsewhere", "Begin here."));
  }
  switch (`${method} ${pathname}`) {
    case "HEAD /":
    case "GET /":
      return showPage(visit, { isSignedOut: searchParams.has("signed-out") });
    case "POST /signin":
      return signIn(visit, env, headers);
    case "POST /signout":
      await visit?.session.end(visit.key);
      return redirect("/?signed-out", cookie("", 0));
    default:
      return show(404, refusalPage("There is no such page", "Begin here."));
  }
}

/**
 * @param {Visit} visit
 * @param {{isSignedOut: boolean}} options
 */
async function showPage(visit, { isSignedOut }) {
  const view = await visit?.session.look(visit.key);
  if (!visit || !view) return show(200, startPage({ isSignedOut }));
  switch (view.state) {
    case "waiting":
      return show(200, waitingPage(view));
    case "failed":
      return show(200, failedPage(view.why));
    default:
      if (!view.newKey) return showPerson(visit, view);
      return redirect("/", cookie(`${visit.id}.${view.newKey}`, view.lasts));
  }
}

/**
 * With what Microsoft Graph says about whoever signed in.
 *
 * @param {NonNullable<Visit>} visit
 * @param {{username: string}} view
 */
async function showPerson({ session, key }, { username }) {
  const { token, why } = (await session.getToken(key)) ?? {};
  if (why) return show(200, failedPage(why));
  if (!token) return show(200, startPage({ isSignedOut: false })); // another tab has just signed out
  const me = await fetch("https://graph.microsoft.com/v1.0/me", {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!me.ok) console.warn(`Microsoft Graph answered ${me.status}`);
  const { displayName = username, userPrincipalName = username } = me.ok ? await me.json() : {};
  return show(200, signedInPage({ displayName, userPrincipalName }));
}

/**
 * @param {Visit} visit
 * @param {Env} env
 * @param {Headers} headers
 */
async function signIn(visit, env, headers) {
  const { state } = (await visit?.session.look(visit.key)) ?? {};
  // Who has a code may be entering it just now.
  if (state === "waiting" || state === "signed-in") return redirect("/");
  const visitor = networkOf(headers.get("cf-connecting-ip") ?? "");
  const { success } = (await env.SIGN_INS?.limit({ key: visitor })) ?? { success: true };
  if (!success) {
    const page = refusalPage("Too many sign-ins", "Wait a minute before the next one.");
    return show(429, page, { "retry-after": "60" });
  }
  await visit?.session.end(visit.key);
  // A new session has an id of its own. One that the request brought along, somebody else may know.
  const id = env.SESSIONS.newUniqueId();
  const { key, lasts } = await env.SESSIONS.get(id).begin();
  return redirect("/", cookie(`${id}.${key}`, lasts));
}

/**
 * Nothing if there is no cookie, or one that was made up.
 *
 * @param {string} cookies
 * @param {Env} env
 */
function readVisit(cookies, env) {
  const [, id, key] = COOKIE.exec(cookies) ?? [];
  if (!id) return undefined;
  try {
    return { id, key, session: env.SESSIONS.get(env.SESSIONS.idFromString(id)) };
  } catch {
    return undefined; // no object of ours has this id
  }
}

/**
 * An address, or of IPv6 the 64 bits that a subscriber usually has to himself.
 *
 * @param {string} address
 */
function networkOf(address) {
  if (!address.includes(":")) return address;
  const [head, tail = []] = address.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = new Array(Math.max(0, 8 - head.length - tail.length)).fill("0");
  return [...head, ...zeros, ...tail].slice(0, 4).join(":");
}

/**
 * @param {string} value
 * @param {number} maxAge in seconds
 */
function cookie(value, maxAge) {
  // With this prefix, no other host of the domain can set it.
  return `__Host-session=${value}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=${maxAge}`;
}

/**
 * @param {string} location
 * @param {string} [setCookie]
 */
function redirect(location, setCookie) {
  const headers = { location, "cache-control": "no-store" };
  return new Response(null, {
    status: 303,
    headers: setCookie ? { ...headers, "set-cookie": setCookie } : headers,
  });
}

/**
 * @param {number} status
 * @param {string} page
 * @param {Record<string, string>} [headers]
 */
function show(status, page, headers) {
  return new Response(page, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy":
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}
