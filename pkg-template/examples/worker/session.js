// A visitor's session: a Durable Object that keeps a sign-in, and then its tokens.
import { DurableObject } from "cloudflare:workers";
import { AuthenticationRequiredError, DeviceCodeCredential } from "entra-device-code";
import { durableObjectStorage } from "entra-device-code/cloudflare";

const SCOPE = "https://graph.microsoft.com/User.Read";
/** How long a session lasts from its sign-in, in milliseconds. Then everything about it is deleted. */
const SESSION_LIFE = 24 * 60 * 60_000;
/** How long one can see what became of a code, from when it expires, in milliseconds. */
const EPILOGUE = 10 * 60_000;
/** How long to wait if Microsoft Entra can't be asked just now, in milliseconds. */
const SETBACK = 30_000;
/** How long a request may take, at most, in milliseconds. */
const AFTERMATH = 10 * 60_000;

/** @import { AuthenticationRecordFields, DeviceFlow } from "entra-device-code" */

/**
 * @typedef {object} Kept what is kept of a session, beside a flow, a record or a failure
 * @property {string} hash of the key
 * @property {number} ends
 * @property {DeviceFlow} [flow]
 * @property {number} pollAt when a flow may be polled
 * @property {AuthenticationRecordFields} [record]
 * @property {boolean} [hasNewKey]
 * @property {string} [failure]
 */

/**
 * @typedef {object} Waiting a sign-in that waits for its user
 * @property {"waiting"} state
 * @property {string} userCode
 * @property {string} verificationUri
 * @property {string} [verificationUriComplete]
 * @property {number} endsIn in milliseconds
 * @property {number} lookIn in milliseconds
 */

/**
 * @typedef {{state: "signed-in", username: string}} Known
 * @typedef {Known & ({newKey?: undefined} | {newKey: string, lasts: number})} SignedIn the key is to be replaced, if there is a new one
 * @typedef {{state: "failed", why: string}} Failed
 */

/**
 * Its public methods are for the Worker to call. All but `begin` want the key that the visitor's cookie has.
 *
 * @extends {DurableObject<import("./worker.js").Env>}
 */
export class Session extends DurableObject {
  #credential;
  /**
   * The poll that is under way.
   *
   * @type {Promise<void> | undefined}
   */
  #polling;
  /**
   * What becomes the key when somebody comes with it, and its hash: a promise, so that all who ask get the same.
   *
   * @type {ReturnType<typeof makeKey> | undefined}
   */
  #newKey;

  /**
   * @param {DurableObjectState} ctx
   * @param {import("./worker.js").Env} env
   */
  constructor(ctx, env) {
    super(ctx, env);
    // An object is evicted when it is idle, and constructed again for a request or an alarm: whatever it is to know then
    // is in its storage.
    this.#credential = new DeviceCodeCredential({
      clientId: env.CLIENT_ID,
      tenantId: env.TENANT_ID,
      authenticationRecord: this.#read()?.record,
      disableAutomaticAuthentication: true, // begin() is how a sign-in begins
      cachePersistenceOptions: {
        storage: durableObjectStorage(ctx.storage),
        encryptionKey: Uint8Array.fromBase64(env.ENCRYPTION_KEY),
      },
    });
  }

  /** Begins a sign-in. */
  async begin() {
    const { key, hash } = await makeKey();
    const flow = await this.#credential.initiateDeviceFlow(SCOPE); // a secret, until the sign-in is over
    const ends = flow.expiresOnTimestamp + EPILOGUE;
    await this.#write({ hash, flow, pollAt: dueAt(flow, flow.pollAfterTimestamp), ends });
    return { key, lasts: secondsUntil(ends) };
  }

  /**
   * How the session stands; nothing if there is none. To look at a sign-in that waits is what makes it go on.
   *
   * @param {string} key
   * @returns {Promise<Waiting | SignedIn | Failed | undefined>}
   */
  async look(key) {
    if (!(await this.#admit(key))) return undefined;
    const before = this.#read();
    if (before?.flow && Date.now() >= before.pollAt) await this.#poll();
    const session = this.#read();
    if (!session) return undefined;
    const { flow, pollAt, failure, record, hasNewKey, ends } = session;
    if (failure) return { state: "failed", why: failure };
    if (record) {
      const { username } = record;
      if (hasNewKey) return { state: "signed-in", username };
      // Whoever knew the key before the sign-in is not to have what came of it.
      this.#newKey ??= makeKey();
      const { key: newKey } = await this.#newKey;
      return { state: "signed-in", username, newKey, lasts: secondsUntil(ends) };
    }
    if (!flow) return undefined;
    // Not the device code: who has it can get the tokens.
    const { userCode, verificationUri, verificationUriComplete, expiresOnTimestamp } = flow;
    const endsIn = expiresOnTimestamp - Date.now();
    const lookIn = Math.max(1000, pollAt - Date.now());
    return { state: "waiting", userCode, verificationUri, verificationUriComplete, endsIn, lookIn };
  }

  /**
   * An access token, or why there is none; nothing if there is no session.
   *
   * @param {string} key
   * @returns {Promise<{token: string, why?: undefined} | {why: string, token?: undefined} | undefined>}
   */
  async getToken(key) {
    if (!(await this.#admit(key))) return undefined;
    try {
      const { token } = await this.#credential.getToken(SCOPE);
      return { token };
    } catch (error) {
      if (!(error instanceof AuthenticationRequiredError)) throw error;
      // Revoked, or not used for too long.
      const why = "The sign-in is no longer valid.";
      const session = this.#read();
      if (session)
        await this.#write({ hash: session.hash, failure: why, ends: session.ends, pollAt: 0 });
      return { why };
    }
  }

  /**
   * Signs out, or cancels the sign-in, and forgets all about the session.
   *
   * @param {string} key
   */
  async end(key) {
    if (!(await this.#admit(key))) return;
    // As long as a sign-in waits, there is nobody to sign out.
    if (this.#read()?.record) await this.#credential.removeAccount();
    await this.ctx.storage.deleteAll();
    // A poll or a renewal that is under way may bring tokens yet: the alarm deletes them.
    await this.ctx.storage.setAlarm(Date.now() + AFTERMATH);
  }

  /** Deletes the session when it ends. */
  async alarm() {
    const session = this.#read();
    if (session)
      await this.ctx.storage.setAlarm(session.ends); // it is too early: it was put off, or came twice
    else await this.ctx.storage.deleteAll();
  }

  /** Polls once, however many look. */
  #poll() {
    this.#polling ??= this.#pollOnce().finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  async #pollOnce() {
    const session = this.#read();
    if (!session?.flow) return;
    const { flow, ...rest } = session;
    const became = await this.#ask(flow);
    // Unless the visitor cancelled it meanwhile.
    if (this.#read()?.flow) await this.#write({ ...rest, ...became });
  }

  /**
   * What becomes of a sign-in.
   *
   * @param {DeviceFlow} flow
   * @returns {Promise<Partial<Kept>>}
   */
  async #ask(flow) {
    if (Date.now() >= flow.expiresOnTimestamp) return { failure: "The code has expired." };
    try {
      const polled = await this.#credential.acquireTokenByDeviceFlow(flow, { once: true });
      if (polled.status === "pending") {
        return { flow: polled.flow, pollAt: dueAt(flow, Date.now() + polled.retryAfter) };
      }
      const record = polled.authenticationRecord;
      if (!record) return { failure: "Microsoft Entra did not say who signed in." };
      return { record, ends: Date.now() + SESSION_LIFE };
    } catch (error) {
      console.warn(error);
      const refusal = error.errorResponse?.error;
      if (refusal) return { failure: FAILURES[refusal] ?? error.hint ?? error.message };
      // Entra has not refused.
      return { flow, pollAt: dueAt(flow, Date.now() + SETBACK) };
    }
  }

  /**
   * Whether this is the key, or the new one: then that is the key.
   *
   * @param {string} key
   */
  async #admit(key) {
    const [hash, next] = await Promise.all([hashOf(key), this.#newKey]);
    const session = this.#read();
    if (session?.record && hash === next?.hash) {
      this.#newKey = undefined;
      await this.#write({ ...session, hash, hasNewKey: true });
      return true;
    }
    return hash === session?.hash;
  }

  /** Nothing if there is no such session, or none any more. */
  #read() {
    /** @type {Kept | undefined} */
    const session = this.ctx.storage.kv.get("session");
    return session && Date.now() < session.ends ? session : undefined;
  }

  /** @param {Kept} session */
  #write(session) {
    // Without an `await` between them, both are written or neither.
    this.ctx.storage.kv.put("session", session);
    return this.ctx.storage.setAlarm(session.ends);
  }
}

/**
 * By the errors of RFC 8628 §3.5, and Microsoft's own.
 *
 * @type {Record<string, string>}
 */
const FAILURES = {
  access_denied: "The sign-in was declined.",
  authorization_declined: "The sign-in was declined.",
  expired_token: "The code has expired.",
};

/**
 * When somebody who looks is to learn more: at the next poll, or when the code expires.
 *
 * @param {DeviceFlow} flow
 * @param {number} next
 */
function dueAt({ expiresOnTimestamp }, next) {
  return Math.min(next, expiresOnTimestamp);
}

async function makeKey() {
  const key = crypto.getRandomValues(new Uint8Array(32)).toHex();
  return { key, hash: await hashOf(key) };
}

/**
 * What is kept of a key: who reads the storage has no use for it.
 *
 * @param {string} key
 */
async function hashOf(key) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return new Uint8Array(digest).toHex();
}

/** @param {number} time */
function secondsUntil(time) {
  return Math.ceil((time - Date.now()) / 1000);
}
