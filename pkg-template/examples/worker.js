// A Cloudflare Worker that signs its visitors in with a code, and calls Microsoft Graph as each of them:
//
//     GET  /signin     shows a code, and where to enter it
//     GET  /me         shows who signed in
//     POST /signout
//
// Each session is a Durable Object, with the tokens in its own storage. So no visitor gets another's; a sign-in or sign-out
// counts everywhere at once (in Workers KV, that could take a minute); and however many requests need a token, in whatever
// isolates, it is renewed in one place, once.
//
// Whoever begins a sign-in may act as whoever enters its code. If not everybody is to, put Cloudflare Access before it.
import { DurableObject } from "cloudflare:workers";
import { AuthenticationRequiredError, DeviceCodeCredential } from "entra-device-code";
import { durableObjectStorage } from "entra-device-code/cloudflare";

const SCOPE = "https://graph.microsoft.com/User.Read";
/** How long a session lasts, in seconds. Then everything about it is deleted. */
const SESSION_LIFE = 24 * 60 * 60;
/** How long to wait if Microsoft Entra can't be asked just now, in milliseconds. */
const SETBACK = 30_000;
/** How long a request may take, at most, in milliseconds. */
const AFTERMATH = 10 * 60_000;

export default {
  async fetch(request, env) {
    try {
      return await respond(request, env);
    } catch (error) {
      console.error(error); // no error of the package shows a token
      return answer(503, "That did not work just now. Try again.");
    }
  },
};

async function respond(request, env) {
  const cookies = request.headers.get("cookie") ?? "";
  const [, id] = /(?:^|; )__Host-session=([\da-f]{64})(?:;|$)/.exec(cookies) ?? [];
  const session = id && env.SESSIONS.getByName(await nameOf(id));
  switch (`${request.method} ${new URL(request.url).pathname}`) {
    case "GET /signin":
      return signIn(request, env, session);
    case "GET /me":
      return showMe(session);
    case "POST /signout":
      // Another site can't: with what it posts, browsers send no cookie that is SameSite=Lax.
      await session?.signOut();
      return answer(200, "You are signed out.", { "set-cookie": cookie("", 0) });
    default:
      return answer(404, "There is GET /signin, GET /me and POST /signout.");
  }
}

async function signIn(request, env, session) {
  const headers = {};
  // Whoever looks again sees the same code: they may be entering it just now.
  let shown = await session?.show();
  if (!shown) {
    // A new session has an id of its own. One that the request brought along, somebody else may know.
    const id = crypto.getRandomValues(new Uint8Array(32)).toHex();
    shown = await env.SESSIONS.getByName(await nameOf(id)).begin();
    headers["set-cookie"] = cookie(id, SESSION_LIFE);
  }
  const asJson = request.headers.get("accept")?.includes("application/json");
  return answer(200, asJson ? shown : shown.message, headers);
}

async function showMe(session) {
  const { token, why = "Nobody is signed in. Begin at /signin." } =
    (await session?.getToken()) ?? {};
  if (!token) return answer(401, why, { "www-authenticate": 'Cookie realm="/signin"' });
  const me = await fetch("https://graph.microsoft.com/v1.0/me", {
    headers: { authorization: `Bearer ${token}` },
  });
  return answer(me.status, await me.json());
}

/** A visitor's session. Its public methods are for the Worker to call. */
export class Session extends DurableObject {
  #credential;

  constructor(ctx, env) {
    super(ctx, env);
    // An object is evicted when it is idle, and constructed again for a request or an alarm: whatever it is to know then
    // is in its storage.
    this.#credential = new DeviceCodeCredential({
      clientId: env.CLIENT_ID,
      tenantId: env.TENANT_ID,
      authenticationRecord: this.#read().record,
      disableAutomaticAuthentication: true, // begin() is how a sign-in begins
      cachePersistenceOptions: {
        storage: durableObjectStorage(ctx.storage),
        encryptionKey: Uint8Array.fromBase64(env.ENCRYPTION_KEY),
      },
    });
  }

  /** Begins a sign-in. */
  async begin() {
    const flow = await this.#credential.initiateDeviceFlow(SCOPE); // a secret, until the sign-in is over
    const ends = Date.now() + SESSION_LIFE * 1000;
    await this.#write({ flow, ends }, flow.pollAfterTimestamp);
    return this.show();
  }

  /** What to show at /signin; nothing if there is no such session, or if its sign-in failed. */
  show() {
    const { flow, record } = this.#read();
    if (record) return { message: `${record.username} is signed in. First POST /signout.` };
    if (!flow) return undefined;
    // Not the device code: who has it can get the tokens.
    const { message, userCode, verificationUri, expiresOnTimestamp } = flow;
    return { message, userCode, verificationUri, expiresOnTimestamp };
  }

  /** An access token, or why the visitor must sign in; nothing if there is no such session. */
  async getToken() {
    const { flow, failure, ends } = this.#read();
    if (!ends) return undefined;
    if (flow) return { why: flow.message };
    if (failure) return { why: `${failure} Begin again at /signin.` };
    try {
      const { token } = await this.#credential.getToken(SCOPE);
      return { token };
    } catch (error) {
      if (!(error instanceof AuthenticationRequiredError)) throw error;
      // Revoked, or not used for too long.
      await this.#goOn({ failure: "The sign-in is no longer valid.", ends }, ends);
      return this.getToken();
    }
  }

  /** Signs out, and forgets all about the session. */
  async signOut() {
    if (!this.#read().ends) return;
    await this.#credential.removeAccount();
    await this.ctx.storage.deleteAll();
    // A poll or a renewal that is under way may bring tokens yet: the alarm deletes them.
    await this.ctx.storage.setAlarm(Date.now() + AFTERMATH);
  }

  /** Polls while a sign-in waits for its user; deletes the session when it ends. */
  async alarm() {
    const { flow, ends } = this.#read();
    if (flow) {
      const { wakeAt = ends, ...session } = await this.#poll(flow);
      await this.#goOn({ ...session, ends }, wakeAt);
    } else if (ends) {
      await this.ctx.storage.setAlarm(ends); // it is too early: in rare cases, an alarm comes twice
    } else {
      await this.ctx.storage.deleteAll();
    }
  }

  /** What has become of the sign-in, and when to poll next if it goes on. */
  async #poll(flow) {
    try {
      const polled = await this.#credential.acquireTokenByDeviceFlow(flow, { once: true });
      if (polled.status === "succeeded") return { record: polled.authenticationRecord };
      return { flow: polled.flow, wakeAt: Date.now() + polled.retryAfter };
    } catch (error) {
      console.warn(error);
      if (error.errorResponse || Date.now() >= flow.expiresOnTimestamp) {
        return { failure: error.hint ?? error.message };
      }
      // Entra has not refused. (Not thrown: an alarm that throws is repeated, but only six times.)
      return { flow, wakeAt: Math.min(Date.now() + SETBACK, flow.expiresOnTimestamp) };
    }
  }

  /** Writes how the session goes on, unless the visitor signed out meanwhile. */
  async #goOn(session, wakeAt) {
    if (this.#read().ends) await this.#write(session, wakeAt);
  }

  /** `ends`, and with it `flow`, `record` or `failure`; nothing of this if there is no such session, or none any more. */
  #read() {
    const session = this.ctx.storage.kv.get("session");
    return session && Date.now() < session.ends ? session : {};
  }

  #write(session, wakeAt) {
    // Without an `await` between them, both are written or neither.
    this.ctx.storage.kv.put("session", session);
    return this.ctx.storage.setAlarm(wakeAt);
  }
}

/** The name of a session's object: not the id, which is the visitor's secret, while names may turn up in logs. */
async function nameOf(id) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id));
  return new Uint8Array(digest).toHex();
}

function cookie(id, maxAge) {
  // With this prefix, no other host of the domain can set it.
  return `__Host-session=${id}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=${maxAge}`;
}

function answer(status, body, headers) {
  const init = { status, headers: { "cache-control": "no-store", ...headers } };
  return typeof body === "string" ? new Response(`${body}\n`, init) : Response.json(body, init);
}
