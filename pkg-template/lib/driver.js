// Performs what the core wants done, with what the host lends: promises, timers, abort signals, `fetch`, a store.
//
// The core is a state machine in WebAssembly that does nothing by itself: it is told what happened, and then says what to
// do next, until there is nothing more. Each caller has a context. What is to be done on a caller's behalf is done inside
// that caller's own promise reactions and timers, never in another's: on Cloudflare Workers, I/O belongs to the request
// that began it. So what is found out in one context for another is left in the other's mailbox, and the other is woken
// by a promise that was made in its context.
import { core } from "./core.js";
import { CredentialUnavailableError, createError } from "./errors.js";
import { AuthenticationRecord } from "./record.js";
import { discreetStoreText } from "./stores/discretion.js";
import { exchange, TooLargeError } from "./transport.js";

export const GET_TOKEN = 0;
export const AUTHENTICATE = 1;
export const REMOVE_ACCOUNT = 2;
export const INITIATE_DEVICE_FLOW = 3;
export const GET_ACCOUNTS = 4;
export const ACQUIRE_TOKEN_BY_DEVICE_FLOW = 5;
export const POLL_DEVICE_FLOW = 6;

/** What is done without a request. */
const OFFLINE = [REMOVE_ACCOUNT, GET_ACCOUNTS];

/** How often to tell the core that something is still being done. */
const HEARTBEAT = 1000;
/** The longest delay `setTimeout` knows; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;
/** How many exceptions to keep until an error names one of them as its cause. */
const KEPT_CAUSES = 64;

export class Driver {
  #core;
  #lent;
  #calls = new Map();
  #inFlight = new Map();
  #causes = new Map();
  #causeNumber = 0;
  /** What the core has just said is to be done: `[call, action]`; without a call, anywhere. */
  #said;

  constructor(config, lent) {
    const Core = core();
    try {
      this.#core = new Core(JSON.stringify(config));
    } catch (why) {
      throw typeof why === "string" ? new TypeError(why) : why;
    }
    this.#lent = lent;
  }

  /** Performs a call. */
  call(what, asked) {
    const { scopes = [], claims, tenantId, enableCae = false, flow, signal } = asked;
    if (signal?.aborted) return Promise.reject(reason(signal));
    // Without `fetch`, say so now: as a request that failed, it would be tried again and again.
    if (!OFFLINE.includes(what)) this.#lent.fetch();
    return new Promise((resolve, reject) => {
      const id = this.#core.call(
        what,
        scopes.join(" "),
        claims,
        tenantId,
        enableCae,
        flow && JSON.stringify(flow),
        asked.correlationId ?? crypto.randomUUID(),
        ...now(),
      );
      const call = { what, asked, resolve, reject, signal, mailbox: [] };
      call.aborted = () => this.#tell(id, () => this.#core.aborted(id, ...now()));
      this.#calls.set(id, call);
      // `fetch`, the prompt and the logger are the caller's: from within them, anything may be called.
      signal?.addEventListener("abort", call.aborted);
      this.#drain(id);
      const waiting = call.mailbox.length > 0;
      if (waiting || this.#calls.has(id)) this.#awaitWake(id, call);
      if (waiting) wake(call);
    });
  }

  close() {
    this.#core.close();
    this.#drain();
  }

  /** Tells the core what happened, in the context of a call, and does what it says. */
  #tell(id, event) {
    event();
    this.#drain(id);
  }

  #drain(here) {
    while (this.#core.poll(this)) {
      const said = this.#said;
      this.#said = undefined;
      if (!said) continue;
      const [id, action, call = this.#calls.get(id)] = said;
      if (id === here || id === undefined) {
        action(call);
      } else if (call) {
        call.mailbox.push(action);
        wake(call);
      }
    }
  }

  #awaitWake(id, call) {
    new Promise((resolve) => {
      call.wake = resolve;
    }).then(() => this.#look(id, call));
  }

  /** In a caller's context: does what was left for it, then looks whether its work makes progress. */
  #look(id, call) {
    for (const action of call.mailbox.splice(0)) action(call);
    if (!this.#calls.has(id)) return;
    if (!call.wake) this.#awaitWake(id, call);
    this.#tell(id, () => this.#core.look(id, ...now()));
  }

  // What the core says. It must not be called back before it has returned, so this only notes what to do.

  send(id, io, request, limit) {
    this.#said = [id, () => this.#send(id, io, JSON.parse(request), limit)];
  }

  load(id, io, enableCae, account, limit) {
    this.#said = [
      id,
      () => this.#access(id, io, limit, false, () => this.#lent.store.load(enableCae, account)),
    ];
  }

  save(id, io, enableCae, limit) {
    const changes = {
      accounts: () => JSON.parse(this.#core.unsavedAccounts(enableCae)),
      merge: (stored, account) => this.#core.merge(enableCae, stored, account),
    };
    this.#said = [
      id,
      () => this.#access(id, io, limit, true, () => this.#lent.store.save(enableCae, changes)),
    ];
  }

  cancel(io) {
    this.#said = [
      undefined,
      () => {
        const inFlight = this.#inFlight.get(io);
        if (inFlight) this.#end(io, inFlight).abort();
      },
    ];
  }

  prompt(id, job, prompt) {
    this.#said = [id, () => this.#prompt(id, job, JSON.parse(prompt))];
  }

  wakeAt(id, at) {
    this.#said = [
      id,
      (call) => {
        clearTimeout(call?.timer);
        if (call) call.timer = setTimeout(() => this.#look(id, call), delay(at));
      },
    ];
  }

  finish(id, token, expiresOnTimestamp, refreshAfterTimestamp, answer) {
    this.#settle(id, ({ what, asked, resolve }) => {
      if (what === REMOVE_ACCOUNT) return resolve();
      const parsed = answer && JSON.parse(answer);
      if (what === AUTHENTICATE) return resolve(new AuthenticationRecord(parsed));
      // A flow as it stands, or the accounts.
      if (!token) return resolve(parsed);
      const accessToken = { token, expiresOnTimestamp, tokenType: "Bearer" };
      if (refreshAfterTimestamp !== undefined) {
        accessToken.refreshAfterTimestamp = refreshAfterTimestamp;
      }
      if (asked.flow && parsed) accessToken.authenticationRecord = new AuthenticationRecord(parsed);
      resolve(accessToken);
    });
  }

  fail(id, error) {
    this.#settle(id, ({ asked, reject, signal }) => {
      const { kind, message, cause, ...details } = JSON.parse(error);
      if (kind === "AbortError") return reject(reason(signal));
      if (cause !== undefined) details.cause = this.#causes.get(cause);
      reject(createError(kind, message, details, asked));
    });
  }

  log(level, line) {
    this.#said = [undefined, () => this.#lent.log(level, line)];
  }

  // What is done then.

  #settle(id, settle) {
    const call = this.#calls.get(id);
    if (!call) return;
    // Now, since its context may be gone, and would never do it.
    this.#calls.delete(id);
    this.#said = [
      id,
      () => {
        clearTimeout(call.timer);
        call.signal?.removeEventListener("abort", call.aborted);
        try {
          settle(call);
        } catch (exception) {
          call.reject(exception);
        }
      },
      call,
    ];
  }

  async #send(id, io, request, limit) {
    const inFlight = this.#track(id, io, limit);
    try {
      const { signal } = inFlight.controller;
      const { status, retryAfter, body } = await exchange(this.#lent.fetch(), request, signal);
      this.#end(io, inFlight);
      this.#tell(id, () => this.#core.replied(io, status, retryAfter, body, ...now()));
    } catch (exception) {
      this.#end(io, inFlight);
      const tooLarge = exception instanceof TooLargeError;
      const [why, cause] = this.#keep(exception, request.body);
      this.#tell(id, () => this.#core.unanswered(io, tooLarge, why, cause, ...now()));
    }
  }

  async #access(id, io, limit, saving, access) {
    const inFlight = this.#track(id, io, limit);
    try {
      const text = await access();
      this.#end(io, inFlight);
      this.#tell(id, () => {
        if (saving) this.#core.saved(io, ...now());
        else this.#core.loaded(io, text ?? undefined, ...now());
      });
    } catch (exception) {
      this.#end(io, inFlight);
      const [whole, cause] = this.#keep(exception);
      const why = discreetStoreText(whole);
      this.#tell(id, () => {
        if (!saving && exception instanceof CredentialUnavailableError) {
          this.#core.storeUnusable(io, whole, ...now());
        } else {
          this.#core.storeFailed(io, saving, why, cause, ...now());
        }
      });
    }
  }

  /** Keeps track of something that is being done: its signs of life, and how to stop it. */
  #track(id, io, limit) {
    const inFlight = { controller: new AbortController() };
    const ends = now()[1] + limit;
    const beat = () => {
      const left = ends - now()[1];
      if (left > 0) inFlight.timer = setTimeout(beat, Math.min(left, HEARTBEAT));
      this.#tell(id, () => this.#core.beat(io, ...now()));
    };
    inFlight.timer = setTimeout(beat, Math.min(limit, HEARTBEAT));
    this.#inFlight.set(io, inFlight);
    return inFlight;
  }

  #end(io, inFlight) {
    clearTimeout(inFlight.timer);
    // Work that was taken over keeps its id: what is there now may be another's.
    if (this.#inFlight.get(io) === inFlight) this.#inFlight.delete(io);
    return inFlight.controller;
  }

  #prompt(id, job, prompt) {
    const failed = (exception) => {
      const [why, cause] = this.#keep(exception);
      this.#tell(id, () => this.#core.promptFailed(job, why, cause, ...now()));
    };
    try {
      const shown = this.#lent.prompt({ ...prompt, expiresOn: new Date(prompt.expiresOn) });
      if (typeof shown?.then === "function") shown.then(undefined, failed);
    } catch (exception) {
      failed(exception);
    }
  }

  /** What an exception says, less what the form of a request held, and the number under which an error finds it. */
  #keep(exception, form) {
    this.#causeNumber = (this.#causeNumber + 1) % 2 ** 31;
    this.#causes.set(this.#causeNumber, exception);
    this.#causes.delete(this.#causeNumber - KEPT_CAUSES);
    let why = "an exception that says nothing";
    try {
      // Node's `fetch` says "fetch failed" and hides why in the cause.
      const code = exception?.cause?.code;
      why = String(exception?.message ?? exception);
      if (code) why += ` (${code})`;
    } catch {
      // Anything can be thrown, even what can't be made a string.
    }
    return [discreet(why, form), this.#causeNumber];
  }
}

/** `text` without the secrets of a form, should a transport repeat its request. */
function discreet(text, form) {
  const fields = new URLSearchParams(form);
  const secrets = [fields.get("device_code"), fields.get("refresh_token")].filter(Boolean);
  const written = secrets.flatMap((secret) => [
    secret,
    new URLSearchParams({ s: secret }).toString().slice(2),
  ]);
  return written.reduce((clean, secret) => clean.replaceAll(secret, "[redacted]"), text);
}

function wake(call) {
  call.wake?.();
  call.wake = undefined;
}

function now() {
  return [Date.now(), (globalThis.performance ?? Date).now()];
}

function delay(at) {
  return Math.min(Math.max(0, at - now()[1]), LONGEST_DELAY);
}

/** Why a signal was aborted. The `AbortSignalLike` of older Azure packages doesn't say. */
function reason(signal) {
  if (signal.reason !== undefined) return signal.reason;
  const error = new Error("The operation was aborted.");
  error.name = "AbortError";
  return error;
}
