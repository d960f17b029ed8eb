/**
 * What a user's program does with its credentials: gets tokens. Errands come in, a line of JSON each, and are done at once; the
 * answers have their numbers. It ends when nothing comes in any more.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { setInterval } from "node:timers";
import { DeviceCodeCredential } from "entra-device-code";
import { CLIENT_ID, createEntra, recordOf } from "./entra.js";
import { createStore } from "./stores.js";

/**
 * @typedef {object} Errand
 * @property {string} who
 * @property {string} [scope]
 * @property {Record<string, any>} [persistence] the `cachePersistenceOptions`; an encryption key comes in base64
 * @property {object} [store] the storage or plugin: see stores.js
 * @property {boolean} [silently] nobody is there to sign in
 * @property {string} [waitFor] the sign-in is approved when this is told
 * @property {string} [keep] a name for the credential, for later errands
 */

/**
 * How long this has been awake, in milliseconds. On a busy machine that is less than what passes on the clock, so that what may
 * take so long, may on any machine.
 */
const TICK = 20;
let awake = 0;
setInterval(() => {
  awake += TICK;
}, TICK).unref();
/** How long it may take to end when there is nothing more to do. */
const LINGERS = 3000;

/** @type {Map<string, ReturnType<typeof open>>} */
const kept = new Map();
/** What is told, and who waits for it. */
const told = new Map();

const COMMANDS = {
  token: getToken,
  async signOut({ keep, ...errand }) {
    const user = kept.get(keep) ?? open(errand);
    kept.set(keep, user);
    await user.credential.removeAccount();
  },
  async tell({ what }) {
    awaited(what).resolve();
  },
  /** Changes how the disk behaves: see faulty-disk.js. */
  async disk({ faults }) {
    globalThis.__disk.faults = faults;
  },
  async store({ keep, faults }) {
    kept.get(keep)?.store.fail(faults);
  },
};

console.log(JSON.stringify({ event: "ready" }));
for await (const line of createInterface({ input: process.stdin })) {
  const { number, command = "token", ...errand } = JSON.parse(line);
  COMMANDS[command](errand).then(
    (answer) => console.log(JSON.stringify({ number, ...answer })),
    (error) => console.log(JSON.stringify({ number, error: `${error.stack}` })),
  );
}
const since = awake;
process.on("exit", () => {
  if (awake - since <= LINGERS) return;
  console.error(`something kept the program for ${awake - since} ms`);
  process.exitCode = 1;
});

/** @param {Errand} errand */
async function getToken(errand) {
  const { keep, scope = "User.Read" } = errand;
  const user = kept.get(keep ?? "") ?? open(errand);
  if (keep) kept.set(keep, user);
  const since = awake;
  const callsBefore = globalThis.__disk?.calls;
  const outcome = await user.credential.getToken(scope).then(
    ({ token }) => ({ token }),
    ({ name, message }) => ({ error: `${name}: ${message}` }),
  );
  const took = awake - since;
  const calls = globalThis.__disk?.calls - callsBefore;
  return {
    ...outcome,
    took,
    calls,
    asked: user.entra.takeAsked(),
    warnings: user.warnings.splice(0),
  };
}

/** @param {Errand} errand */
function open({ who, persistence = {}, store: description, silently = false, waitFor }) {
  const warnings = [];
  const entra = createEntra(who, waitFor ? awaited(waitFor).promise : Promise.resolve());
  const store = description && createStore(description);
  const { encryptionKey, ...rest } = persistence;
  const credential = new DeviceCodeCredential({
    clientId: CLIENT_ID,
    authenticationRecord: recordOf(who),
    disableAutomaticAuthentication: silently,
    cachePersistenceOptions: {
      ...rest,
      ...(encryptionKey && {
        encryptionKey: Uint8Array.from(atob(encryptionKey), (each) => each.charCodeAt(0)),
      }),
      ...store?.options,
    },
    fetch: entra.fetch,
    promptCallback: () => console.log(JSON.stringify({ event: `prompted ${who}` })),
    logger: (level, line) => level === "warning" && warnings.push(line),
  });
  return { credential, entra, store, warnings };
}

function awaited(what) {
  if (!told.has(what)) {
    let resolve;
    const promise = new Promise((done) => {
      resolve = done;
    });
    told.set(what, { promise, resolve });
  }
  return told.get(what);
}
