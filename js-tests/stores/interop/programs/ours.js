/** The package, as programs that share their caches use it: it takes the commands of theirs.py, and answers as that does. */

import process from "node:process";
import { createInterface } from "node:readline";
import { AuthenticationRecord, DeviceCodeCredential } from "entra-device-code";

const { ENTRA } = process.env;
const kept = new Map();
let prompts = 0;

const COMMANDS = {
  async sign_in({ scope, enable_cae: enableCae, ...options }) {
    const record = await credential(options).authenticate(scope, { enableCae });
    return { record: record.serialize() };
  },

  async token({ scope, enable_cae: enableCae, ...options }) {
    return { token: (await credential(options).getToken(scope, { enableCae })).token };
  },

  async sign_out(options) {
    await credential(options).removeAccount();
  },

  reserialize({ record }) {
    return { record: AuthenticationRecord.deserialize(record).serialize() };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  prompts = 0;
  let answer;
  try {
    const { do: name, with: options } = JSON.parse(line);
    answer = await COMMANDS[name](options);
  } catch (error) {
    answer = { error: error.name, message: error.message };
  }
  process.stdout.write(`${JSON.stringify({ prompts, ...answer })}\n`);
}

function credential({ keep, name, scenario, record, ...options }) {
  if (kept.has(keep)) return kept.get(keep);
  const made = new DeviceCodeCredential({
    tenantId: options.tenant_id,
    disableAutomaticAuthentication: options.disable_automatic_authentication,
    authenticationRecord: record && AuthenticationRecord.deserialize(record),
    cachePersistenceOptions: { name, allowUnencryptedStorage: true },
    promptCallback: () => void prompts++,
    fetch: routed(scenario),
    // A warning is of what went wrong without an error.
    logger: (level, line) => level === "warning" && console.error(line),
  });
  if (keep) kept.set(keep, made);
  return made;
}

/** Every https URL leads to the stand-in, which learns from the path what the URL was. */
function routed(scenario) {
  return (url, init) => {
    const { host, pathname, search } = new URL(url);
    return fetch(`${ENTRA}/~${scenario}/${host}${pathname}${search}`, init);
  };
}
