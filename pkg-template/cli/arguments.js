/** The command line. `parseArgs` takes it apart; what is wrong with it is said here, in the same words on every runtime. */

import { parseArgs } from "node:util";
import { decodeClaims } from "../lib/claims.js";

/** The command line is wrong. Its message is one line and names what is wrong. */
export class UsageError extends Error {}

/**
 * Options by name without dashes, as they were read.
 *
 * @typedef {object} Options
 * @property {string[]} [scope]
 * @property {string} [tenant]
 * @property {string} [client-id]
 * @property {string} [authority]
 * @property {true} [disable-instance-discovery]
 * @property {string} [metadata-url]
 * @property {string[]} [exclude-scope]
 * @property {string} [claims]
 * @property {number} [timeout] in seconds
 * @property {string} [cache]
 * @property {true} [allow-unencrypted-storage]
 * @property {string} [username]
 * @property {"json" | "token"} [output]
 * @property {true} [no-prompt]
 * @property {true} [qr]
 * @property {true} [copy]
 * @property {true} [help]
 * @property {true} [version]
 */

/**
 * Each option: what it is for, `about`, as --help says it, and completions up to its first punctuation. What it
 * does with its value, `read`, and what that is called, `value`; a flag has none. `for` names its commands, if not all; `needs`,
 * the option without which it means nothing; `short`, its letter; `choices`, all values that there are.
 *
 * @typedef {object} Option
 * @property {string} about
 * @property {string} [value]
 * @property {(value: string, name: string, before?: any) => unknown} [read]
 * @property {boolean} [repeatable]
 * @property {string[]} [for]
 * @property {keyof Options} [needs]
 * @property {string} [short]
 * @property {string[]} [choices]
 */

/** The commands, and what each is for. */
export const COMMAND_NAMES = /** @type {const} */ ({
  token: "print an access token",
  login: "sign in, and print who did: the authentication record, as JSON",
  logout: "forget who is signed in to a cache",
  accounts: "list who is signed in to a cache",
  completion: "print what makes a shell complete these commands (bash, zsh or fish)",
});

/** Those that completions are for. */
export const SHELLS = ["bash", "zsh", "fish"];

const SIGN_IN = ["token", "login"];
const ALL = [...SIGN_IN, "logout", "accounts"];

/** @type {Record<string, Option>} */
export const OPTIONS = {
  scope: {
    about:
      "what the token is for; repeat it, or separate with spaces or commas (token needs one; login's default is Azure Resource Manager)",
    value: "scope",
    repeatable: true,
    for: SIGN_IN,
    read: scopes,
  },
  tenant: {
    about: "a tenant's id or domain (default: $AZURE_TENANT_ID, else organizations)",
    value: "tenant",
    for: ALL,
    read: text,
  },
  "client-id": {
    about:
      "the application to sign in to (default: $AZURE_CLIENT_ID, else Azure's development tools)",
    value: "id",
    for: ALL,
    read: text,
  },
  authority: {
    about: "where to sign in (default: $AZURE_AUTHORITY_HOST, else login.microsoftonline.com)",
    value: "host",
    for: ALL,
    read: text,
  },
  "disable-instance-discovery": {
    about: "trust the authority without asking Microsoft about it",
    for: ALL,
  },
  "metadata-url": {
    about:
      "where another OpenID provider than Microsoft's publishes its metadata, in place of authority and tenant",
    value: "url",
    for: ALL,
    read: text,
  },
  "exclude-scope": {
    about:
      "which scopes not to send unasked: repeat it, or separate with spaces or commas (offline_access, openid, profile)",
    value: "scope",
    repeatable: true,
    for: SIGN_IN,
    read: scopes,
  },
  claims: {
    about:
      "a claims challenge that a resource sent: JSON, or the base64 in its WWW-Authenticate header",
    value: "claims",
    for: SIGN_IN,
    read: claims,
  },
  timeout: {
    about: "how long to wait for you (default: as long as the code lives)",
    value: "seconds",
    for: SIGN_IN,
    read: seconds,
  },
  output: {
    about:
      "what to print: the token alone, or json with its expiry in milliseconds since 1970 (default: token; login always prints json, accounts only if told)",
    value: "token|json",
    for: [...SIGN_IN, "accounts"],
    read: oneOf("json", "token"),
    choices: ["json", "token"],
  },
  cache: {
    about:
      "keep the sign-in for later runs with this name, encrypted with a key from the system's keyring (default: it is not kept)",
    value: "name",
    for: ALL,
    read: text,
  },
  "allow-unencrypted-storage": {
    about: "keep it in plain text where there is no keyring",
    for: ALL,
    needs: "cache",
  },
  username: {
    about: "whose token to print, or whom to sign out, if a cache keeps several accounts",
    value: "name",
    for: ALL,
    needs: "cache",
    read: text,
  },
  "no-prompt": {
    about:
      "ask nobody to sign in, as nobody may be there: where the cache has no sign-in that serves, exit with status 3",
    for: ["token"],
    needs: "cache",
  },
  qr: { about: "show the address as a QR code too, on a terminal", for: SIGN_IN },
  copy: {
    about: "put the code on the clipboard too, on a terminal (by OSC 52, which works over SSH)",
    for: SIGN_IN,
  },
  help: { about: "print this", short: "h" },
  version: { about: "print the version", short: "V" },
};

/**
 * @typedef {object} CommandLine
 * @property {keyof typeof COMMAND_NAMES} [command]
 * @property {Options} options
 * @property {string} [shell] whose completion is asked for
 */

/**
 * @param {string[]} args
 * @returns {CommandLine}
 * @throws {UsageError}
 */
export function parseArguments(args) {
  const types = Object.entries(OPTIONS).map(([name, { read, short }]) => [
    name,
    { type: read ? "string" : "boolean", ...(short && { short }) },
  ]);
  const { tokens } = parseArgs({
    args,
    options: Object.fromEntries(types),
    // Whatever is wrong, it leaves to us.
    strict: false,
    tokens: true,
  });
  /** @type {Record<string, any>} */
  const options = {};
  /** @type {string[]} */
  const positionals = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind === "option") readOption(options, token, args);
  }
  // Whoever asks for help gets it, with or without a command.
  if (options.help || options.version) return { options };
  const [command, ...more] = positionals;
  if (command === undefined) return { options };
  if (!isCommand(command)) throw new UsageError(`unknown command ${quote(command)}`);
  const shell = command === "completion" ? shellOf(more.shift()) : undefined;
  if (more.length > 0) throw new UsageError(`unexpected argument ${quote(more[0])}`);
  for (const name of Object.keys(options)) {
    const { for: commands = [], needs } = OPTIONS[name];
    if (!commands.includes(command)) {
      throw new UsageError(`--${name} is not an option of ${command}`);
    }
    if (needs && !(needs in options)) throw new UsageError(`--${name} needs --${needs} beside it`);
  }
  return { command, options, shell };
}

/**
 * @param {string} name
 * @returns {name is keyof typeof COMMAND_NAMES}
 */
function isCommand(name) {
  return Object.hasOwn(COMMAND_NAMES, name);
}

/** @param {string} [name] */
function shellOf(name) {
  const known = SHELLS.join(", ");
  if (name === undefined) throw new UsageError(`completion needs a shell: ${known}`);
  if (SHELLS.includes(name)) return name;
  throw new UsageError(`there are no completions for ${quote(name)}, but for ${known}`);
}

/**
 * @param {Record<string, any>} options those before it; gets this one
 * @param {{name: string, value?: string, inlineValue?: boolean, index: number}} token
 * @param {string[]} args
 */
function readOption(options, { name, value, inlineValue, index }, args) {
  const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (!option) throw new UsageError(`unknown option ${quote(args[index].split("=", 1)[0])}`);
  if (name in options && !option.repeatable) throw new UsageError(`--${name} is given twice`);
  if (!option.read) {
    if (inlineValue) throw new UsageError(`--${name} takes no value`);
    options[name] = true;
    return;
  }
  // Another option is what follows a value that was forgotten.
  if (!value || (!inlineValue && value.startsWith("--"))) {
    throw new UsageError(`--${name} needs a value`);
  }
  options[name] = option.read(value, name, options[name]);
}

/** @param {string} value */
function text(value) {
  return value;
}

/**
 * @param {string} value
 * @param {string} name
 * @param {string[]} [before]
 */
function scopes(value, name, before = []) {
  const more = value.split(/[\s,]+/).filter(Boolean);
  if (more.length === 0) throw new UsageError(`--${name} needs a value`);
  return [...before, ...more];
}

/**
 * The JSON, which may come as the base64 that a `WWW-Authenticate` header carries.
 *
 * @param {string} value
 * @param {string} name
 */
function claims(value, name) {
  const json = decodeClaims(value);
  if (json !== undefined) return json;
  throw new UsageError(
    `--${name} must be a JSON object, or the base64 of one, as a WWW-Authenticate header carries it`,
  );
}

/**
 * @param {string} value
 * @param {string} name
 */
function seconds(value, name) {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (!(number > 0 && number < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`--${name} must be a number of seconds above 0, not ${quote(value)}`);
  }
  return number;
}

/** @param {string[]} values */
function oneOf(...values) {
  return (/** @type {string} */ value, /** @type {string} */ name) => {
    if (values.includes(value)) return value;
    throw new UsageError(`--${name} must be ${values.join(" or ")}, not ${quote(value)}`);
  };
}

/**
 * In one line, whatever was typed.
 *
 * @param {string} value
 */
export function quote(value) {
  return JSON.stringify(value);
}
