/** The command line, parsed by hand: `util.parseArgs` words its errors differently on every runtime. */

/** The command line is wrong. Its message is one line and names what is wrong. */
export class UsageError extends Error {}

/**
 * Each option: what it does with its value, `read`; a flag has none. `for` names its commands, if not all; `needs`, the option
 * without which it means nothing.
 */
export const OPTIONS = {
  scope: { repeatable: true, for: ["token", "login"], read: scopes },
  tenant: { read: text },
  "client-id": { read: text },
  authority: { read: text },
  "disable-instance-discovery": {},
  claims: { for: ["token", "login"], read: text },
  timeout: { for: ["token", "login"], read: seconds },
  cache: { read: text },
  "allow-unencrypted-storage": { needs: "cache" },
  username: { needs: "cache", read: text },
  output: { for: ["token", "login"], read: oneOf("json", "token") },
  qr: { for: ["token", "login"] },
  help: {},
  version: {},
};

const COMMAND_NAMES = ["token", "login", "logout"];
const SHORT = { "-h": "--help", "-V": "--version" };

/**
 * @typedef {object} CommandLine
 * @property {string} [command]
 * @property {boolean} [help]
 * @property {boolean} [version]
 * @property {Record<string, any>} options by name without dashes
 */

/**
 * @param {string[]} args
 * @returns {CommandLine}
 * @throws {UsageError}
 */
export function parseArguments(args) {
  const options = {};
  const positionals = [];
  const rest = args.values();
  for (const arg of rest) {
    if (arg.startsWith("-") && arg !== "-") readOption(options, SHORT[arg] ?? arg, rest);
    else positionals.push(arg);
  }
  // Whoever asks for help gets it, with or without a command.
  if (options.help || options.version) return { ...options, options };
  const [command, ...more] = positionals;
  if (command !== undefined && !COMMAND_NAMES.includes(command)) {
    throw new UsageError(`unknown command ${quote(command)}`);
  }
  if (more.length > 0) throw new UsageError(`unexpected argument ${quote(more[0])}`);
  for (const name of Object.keys(options)) {
    const commands = OPTIONS[name].for ?? COMMAND_NAMES;
    if (command && !commands.includes(command)) {
      throw new UsageError(`--${name} is not an option of ${command}`);
    }
    const { needs } = OPTIONS[name];
    if (needs && !(needs in options)) throw new UsageError(`--${name} needs --${needs} beside it`);
  }
  return { command, options };
}

/** Reads `--name value` or `--name=value`; takes the value from `rest`. */
function readOption(options, arg, rest) {
  const [, name = "", given] = arg.match(/^--([^=]+)(?:=(.*))?$/s) ?? [];
  const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (!option) throw new UsageError(`unknown option ${quote(name ? `--${name}` : arg)}`);
  if (name in options && !option.repeatable) throw new UsageError(`--${name} is given twice`);
  if (!option.read) {
    if (given !== undefined) throw new UsageError(`--${name} takes no value`);
    options[name] = true;
    return;
  }
  const value = given ?? rest.next().value;
  // Another option is what follows a value that was forgotten.
  if (value === undefined || value === "" || (given === undefined && value.startsWith("--"))) {
    throw new UsageError(`--${name} needs a value`);
  }
  options[name] = option.read(value, name, options[name]);
}

function text(value) {
  return value;
}

function scopes(value, name, before = []) {
  const more = value.split(/[\s,]+/).filter(Boolean);
  if (more.length === 0) throw new UsageError(`--${name} needs a value`);
  return [...before, ...more];
}

function seconds(value, name) {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (!(number > 0 && number < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`--${name} must be a number of seconds above 0, not ${quote(value)}`);
  }
  return number;
}

function oneOf(...values) {
  return (value, name) => {
    if (values.includes(value)) return value;
    throw new UsageError(`--${name} must be ${values.join(" or ")}, not ${quote(value)}`);
  };
}

/** In one line, whatever was typed. */
export function quote(value) {
  return JSON.stringify(value);
}
