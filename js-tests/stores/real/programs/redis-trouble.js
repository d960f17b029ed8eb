// A Redis that gets into trouble while tokens are in it, used by ioredis as it is: all that can be seen of it, and what is secret.
import process from "node:process";
import Redis from "ioredis";
import { open } from "./act.js";
import { answer, errand } from "./errand.js";
import { createPlugin } from "./plugin.js";
import { renderings } from "./renderings.js";

const { redis, kind, trouble, partitions, ...rest } = errand();
const GRAPH = "User.Read";
const ARM = "https://management.azure.com/.default";
const PASSWORD = "the-password-that-nobody-may-see";
const SECRET_FIELDS = ["access_token", "refresh_token", "id_token", "device_code", "client_info"];

/** What is secret, what a program could show, and what ioredis itself holds in its errors. */
const secrets = new Set([PASSWORD]);
const shown = [];
const theirs = [];
const log = [];
/** What happens when something is written. */
let whenWriting = () => {};

const admin = connect();
const client = connect();
const seen = { ...rest, isAsked: true, listen, log };
const user = open(seen, storeOf(client));
const record = await user.credential.authenticate({ scopes: GRAPH });

/** Each resolves to the client that is used then. */
const TROUBLES = {
  "a replica": () => admin.call("REPLICAOF", "127.0.0.1", "1"),
  "no memory": () => admin.config("SET", "maxmemory", "1"),
  async "a wrong password"() {
    await admin.config("SET", "requirepass", "another");
    return connect({ password: PASSWORD });
  },
  async "killed at work"() {
    const [, pid] = /process_id:(\d+)/.exec(await admin.info("server"));
    await admin.call("CLIENT", "PAUSE", "60000", "WRITE");
    // The command waits at the server when that dies.
    whenWriting = () => setTimeout(() => process.kill(Number(pid), "SIGKILL"), 100);
    const { credential } = open({ ...seen, record }, storeOf(client));
    await attempt(credential.getToken(ARM));
  },
};
const changed = await TROUBLES[trouble]();
const current = changed instanceof Redis ? changed : client;
const next = open({ ...seen, record }, storeOf(current));
await attempt(next.credential.getToken(ARM));
await attempt(next.credential.getAccounts());
const removal = await attempt(next.credential.removeAccount());
for (const value of [user.credential, next.credential, log]) shown.push(...renderings(value));
for (const each of [admin, client, current]) each.disconnect();

const held = theirs.flatMap((error) => [...renderings(error)]);
const leaked = (texts) => [...secrets].filter((secret) => texts.some((it) => it.includes(secret)));
answer({
  secrets: secrets.size,
  leaks: leaked(shown).map((secret) => secret.slice(0, 12)),
  quoted: leaked(held).length,
  removal: removal && `${removal}`,
  cause: removal?.cause && `${removal.cause}`,
  warnings: log.filter((line) => line.startsWith("warning")),
});

async function attempt(work) {
  try {
    await work;
  } catch (error) {
    shown.push(...renderings(error));
    return error;
  }
}

function connect(options) {
  const made = new Redis(redis, { ...options, maxRetriesPerRequest: 0, retryStrategy: () => null });
  made.on("error", (error) => theirs.push(error));
  return made;
}

async function listen(response) {
  const json = await response.clone().json();
  for (const name of SECRET_FIELDS) if (json[name]) secrets.add(json[name]);
  return response;
}

/** What ioredis rejects with is looked at on its way. */
function storeOf(redis) {
  const noted = (work) => {
    work.catch((error) => theirs.push(error));
    return work;
  };
  const watched = {
    get: (key) => noted(redis.get(key)),
    set(key, value) {
      const isTransaction = kind === "transaction";
      const work = isTransaction ? redis.multi().set(key, value).exec() : redis.set(key, value);
      whenWriting();
      whenWriting = () => {};
      return noted(work);
    },
    del: (key) => noted(redis.del(key)),
  };
  if (kind === "plugin") return { cachePlugin: createPlugin(watched, partitions) };
  return { storage: { getItem: watched.get, setItem: watched.set, removeItem: watched.del } };
}
