// Many users on one server, each signed in for a session of their own: node server.js (npm install hono @hono/node-server)
//
//     POST /signin    begins a sign-in, and answers with the code
//     GET  /me        202 while the code waits, then who signed in, as Microsoft Graph says
//     POST /signout   ends the session
//
// To try it without a page, be a browser on it:
//
//     curl -b jar -c jar -X POST -H "Origin: http://localhost:3000" http://localhost:3000/signin
//     curl -b jar -c jar http://localhost:3000/me
import { randomBytes, randomUUID } from "node:crypto";
import { serve } from "@hono/node-server";
import {
  AuthenticationError,
  AuthenticationRequiredError,
  DeviceCodeCredential,
} from "entra-device-code";
import { Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";

const SCOPE = "https://graph.microsoft.com/User.Read";
const ME = "https://graph.microsoft.com/v1.0/me";

// All users' tokens, each user's in an item of its own. In memory here; with several servers, in Redis, say (see "Keeping
// sign-ins"), with a key that all of them have.
/** @type {Map<string, string>} */
const items = new Map();
/** @type {import("entra-device-code").CachePersistenceOptions} */
const cachePersistenceOptions = {
  storage: {
    getItem: (key) => items.get(key),
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  },
  encryptionKey: randomBytes(32),
};

/**
 * A credential of one user: nobody else's tokens come out of it.
 *
 * @param {import("entra-device-code").AuthenticationRecordFields} [authenticationRecord]
 */
function createCredential(authenticationRecord) {
  return new DeviceCodeCredential({
    clientId: process.env.AZURE_CLIENT_ID,
    tenantId: process.env.AZURE_TENANT_ID,
    authenticationRecord,
    cachePersistenceOptions,
    disableAutomaticAuthentication: true, // a server has nobody to show a code to
  });
}

/**
 * @typedef {object} Session
 * @property {DeviceCodeCredential} credential
 * @property {import("entra-device-code").DeviceFlow} [flow] while the user signs in
 * @property {ReturnType<DeviceCodeCredential["acquireTokenByDeviceFlow"]>} [poll] that is under way
 */

/**
 * By the id in the cookie.
 *
 * @type {Map<string | undefined, Session>}
 */
const sessions = new Map();

/**
 * @param {import("hono").Context} context
 * @param {Session} session
 */
function beginSession(context, session) {
  const id = randomUUID();
  sessions.delete(getCookie(context, "session"));
  sessions.set(id, session);
  setCookie(context, "session", id, { httpOnly: true, sameSite: "Lax", path: "/" });
}

/**
 * One poll, for all requests that come meanwhile.
 *
 * @param {Session} session
 * @param {import("entra-device-code").DeviceFlow} flow
 */
function poll(session, flow) {
  session.poll ??= session.credential.acquireTokenByDeviceFlow(flow, { once: true }).finally(() => {
    session.poll = undefined;
  });
  return session.poll;
}

const app = new Hono();
app.use(csrf());

app.post("/signin", async (context) => {
  const credential = createCredential();
  const flow = await credential.initiateDeviceFlow(SCOPE);
  beginSession(context, { credential, flow });
  return context.json({ message: flow.message });
});

app.get("/me", async (context) => {
  const session = sessions.get(getCookie(context, "session"));
  if (!session) return context.json({ message: "POST /signin first." }, 401);
  if (session.flow) {
    const { message, pollAfterTimestamp } = session.flow;
    if (Date.now() < pollAfterTimestamp) return context.json({ message }, 202);
    const answer = await poll(session, session.flow);
    if (answer.status === "pending") {
      session.flow = answer.flow;
      return context.json({ message }, 202);
    }
    // Signed in, under an id that nobody knew before.
    beginSession(context, { credential: createCredential(answer.authenticationRecord) });
    return context.json(await me(answer.token));
  }
  const { token } = await session.credential.getToken(SCOPE);
  return context.json(await me(token));
});

app.post("/signout", async (context) => {
  const session = sessions.get(deleteCookie(context, "session"));
  if (session && !session.flow) await session.credential.removeAccount();
  return context.json({ message: "Signed out." });
});

app.onError((error, context) => {
  if (error instanceof HTTPException) return error.getResponse(); // of another site: 403
  console.error(error); // no error of the package shows a token
  const failure = error instanceof AuthenticationError ? error : undefined;
  const isOver =
    failure instanceof AuthenticationRequiredError || failure?.errorResponse !== undefined;
  if (isOver) sessions.delete(deleteCookie(context, "session"));
  return context.json({ message: failure?.hint ?? "That did not work." }, isOver ? 401 : 503);
});

/** @param {string} token */
async function me(token) {
  const response = await fetch(ME, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`Microsoft Graph answered ${response.status}`);
  return response.json();
}

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.error(`http://localhost:${port}`);
});
