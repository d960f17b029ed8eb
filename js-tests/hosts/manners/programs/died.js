// The WebAssembly instance dies while calls wait: `memory`, as there is no more of it, or `thrown`, out of an export.
import { inspect } from "node:util";
import { createEntra } from "./entra.js";

const { Instance } = WebAssembly;
const made = [];
let armed = false;
/** Stands in for `WebAssembly.Instance`. */
function Wrapped(...args) {
  const { exports } = new Instance(...args);
  const wrapped = Object.entries(exports).map(([name, value]) => {
    if (typeof value !== "function") return [name, value];
    const call = (...given) => {
      if (armed) {
        armed = false;
        throw new RangeError("thrown from an export");
      }
      return value(...given);
    };
    return [name, call];
  });
  made.push(exports);
  return { exports: Object.fromEntries(wrapped) };
}
WebAssembly.Instance = Wrapped;

/** Takes all the memory that the instance could have. */
function exhaust() {
  const memory = Object.values(made.at(-1)).find((value) => value instanceof WebAssembly.Memory);
  for (let pages = 32_768; pages >= 1; pages = Math.floor(pages / 2)) {
    try {
      for (;;) memory.grow(pages);
    } catch {
      // That was too much: try less.
    }
  }
}

const unhandled = [];
process.on("unhandledRejection", (reason) => unhandled.push(String(reason)));

// After the import of the package there would be an instance already for `once.js`, but not here: it is made by the first.
const { DeviceCodeCredential } = await import("entra-device-code");

let hangs = true;
let aborted = 0;
const entra = createEntra();
async function fetch(url, init) {
  if (!hangs) return entra(url);
  return new Promise((_, reject) => {
    init.signal.addEventListener("abort", () => {
      aborted += 1;
      reject(init.signal.reason);
    });
  });
}

const credential = new DeviceCodeCredential({ fetch, promptCallback() {} });
const sleeping = new DeviceCodeCredential({ fetch: createEntra(), promptCallback() {} });
/** What a program might print of the errors, and what the instance had in its memory that is not to be there. */
const shown = [];
const SECRETS = ["DAQABIQEAAADnfolhJpSnRYB1SVj", "a-nonce-that-nobody-else-may-know"];
const told = (call) =>
  call.then(String, (error) => {
    const { name, message, stack, cause } = error;
    shown.push(stack, cause.stack, JSON.stringify(error), inspect(error, { showHidden: true }));
    return [name, message, String(cause)];
  });
const waiting = [
  told(credential.getToken("User.Read")),
  told(credential.getToken("Mail.Read", { claims: `{"nonce":"${SECRETS[1]}"}` })),
  told(sleeping.getToken("User.Read")),
];
await new Promise((resolve) => setTimeout(resolve, 300));

const died = Date.now();
if (process.argv[2] === "memory") {
  exhaust();
  const claims = JSON.stringify({ a: "x".repeat(900_000) });
  let dead = false;
  for (let number = 0; number < 100 && !dead; number++) {
    const call = told(credential.getToken(`S${number}`, { claims }));
    call.then(() => {
      dead = true;
    });
    waiting.push(call);
    await new Promise((resolve) => setTimeout(resolve));
  }
} else {
  armed = true;
  waiting.push(told(credential.getToken("User.Read")));
}
const rejected = await Promise.all(waiting);
const took = Date.now() - died;

hangs = false;
const other = new DeviceCodeCredential({ fetch: createEntra(), promptCallback() {} });
const { token } = await other.getToken("User.Read");
const { token: same } = await credential.getToken("User.Read");
other.close();
credential.close();
sleeping.close();
const leaks = SECRETS.filter((secret) => shown.some((text) => text?.includes(secret)));
const instances = made.length;
console.log(JSON.stringify({ rejected, aborted, took, token, same, instances, unhandled, leaks }));
const over = Date.now();
process.on("exit", () => console.log(JSON.stringify({ lingered: Date.now() - over })));
