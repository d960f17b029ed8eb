/** What makes a shell complete the command line: a script, made of the commands and options that there are. */

import { COMMAND_NAMES, OPTIONS, SHELLS } from "./arguments.js";

const NAME = "entra-device-code";
const COMMANDS = Object.entries(COMMAND_NAMES);

/**
 * Each shell's script, and how its user takes it.
 *
 * @type {Record<string, () => string[]>}
 */
const SCRIPTS = { bash, zsh, fish };

/** @param {string} shell one of SHELLS */
export function completion(shell) {
  return SCRIPTS[shell]().join("\n");
}

/** @param {string} command */
function optionsOf(command) {
  return Object.entries(OPTIONS).filter(([, option]) => option.for?.includes(command));
}

/** Those that need no command. */
function optionsAlone() {
  return Object.entries(OPTIONS).filter(([, option]) => !option.for);
}

/**
 * The short form of what an option is for.
 *
 * @param {import("./arguments.js").Option} option
 */
function briefly({ about }) {
  return about.split(/[,;:]| \(/, 1)[0];
}

/** @param {[string, import("./arguments.js").Option][]} options */
function flags(options) {
  return options.map(([name]) => `--${name}`).join(" ");
}

function bash() {
  const withValue = Object.entries(OPTIONS).filter(([, { read, choices }]) => read && !choices);
  const withChoices = Object.entries(OPTIONS).filter(([, { choices }]) => choices);
  return [
    `# bash: source <(${NAME} completion bash)`,
    "_entra_device_code() {",
    `  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" words=""`,
    "  # Bash takes the = of --option=value for a word.",
    `  if [ "$current" = = ]; then current=""`,
    `  elif [ "$previous" = = ]; then previous="\${COMP_WORDS[COMP_CWORD - 2]}"; fi`,
    `  case "$previous" in`,
    ...withChoices.map(([name, { choices }]) => `    --${name}) words="${choices?.join(" ")}" ;;`),
    `    ${withValue.map(([name]) => `--${name}`).join(" | ")}) return ;;`,
    "    *)",
    `      case "\${COMP_WORDS[1]}" in`,
    ...COMMANDS.map(([name]) => {
      const words = name === "completion" ? SHELLS.join(" ") : flags(optionsOf(name));
      return `        ${name}) words="${words}" ;;`;
    }),
    `        *) words="${Object.keys(COMMAND_NAMES).join(" ")} ${flags(optionsAlone())}" ;;`,
    "      esac ;;",
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "}",
    `complete -F _entra_device_code ${NAME}`,
  ];
}

function zsh() {
  return [
    `#compdef ${NAME}`,
    `# zsh: source <(${NAME} completion zsh), or keep this as _${NAME} in a folder of $fpath.`,
    "_entra_device_code() {",
    "  if ((CURRENT == 2)); then",
    "    local -a commands=(",
    ...COMMANDS.map(
      ([name, about]) => `      ${quoted(`${name}:${about.replaceAll(":", "\\:")}`)}`,
    ),
    "    )",
    "    _describe command commands",
    `    _arguments ${optionsAlone().map(inZsh).join(" ")}`,
    "    return",
    "  fi",
    '  case "$words[2]" in',
    ...COMMANDS.flatMap(([name]) => [
      `    ${name})`,
      ...(name === "completion"
        ? [`      compadd ${SHELLS.join(" ")}`]
        : [
            "      shift words",
            "      ((CURRENT -= 1))",
            `      _arguments ${optionsOf(name)
              .map((each) => `\\\n        ${inZsh(each)}`)
              .join(" ")}`,
          ]),
      "      ;;",
    ]),
    "  esac",
    "}",
    `if [ "$funcstack[1]" = _${NAME} ]; then _entra_device_code "$@"`,
    `else compdef _entra_device_code ${NAME}; fi`,
  ];
}

/** @param {[string, import("./arguments.js").Option]} option */
function inZsh([name, option]) {
  const { repeatable, value, choices } = option;
  const about = briefly(option).replaceAll(/[[\]:]/g, "\\$&");
  const argument = value
    ? `:${value.replace("|", " or ")}:${choices ? `(${choices.join(" ")})` : ""}`
    : "";
  return quoted(`${repeatable ? "*" : ""}--${name}${value ? "=" : ""}[${about}]${argument}`);
}

function fish() {
  const lines = [
    `# fish: ${NAME} completion fish | source`,
    `complete -c ${NAME} -f`,
    ...COMMANDS.map(
      ([name, about]) =>
        `complete -c ${NAME} -n __fish_use_subcommand -a ${name} -d ${quotedInFish(about)}`,
    ),
    ...optionsAlone().map((each) => inFish("__fish_use_subcommand", each)),
  ];
  for (const [name] of COMMANDS) {
    const seen = `'__fish_seen_subcommand_from ${name}'`;
    for (const option of optionsOf(name)) lines.push(inFish(seen, option));
    if (name === "completion") {
      lines.push(`complete -c ${NAME} -n ${seen} -a '${SHELLS.join(" ")}'`);
    }
  }
  return lines;
}

/**
 * @param {string} condition
 * @param {[string, import("./arguments.js").Option]} option
 */
function inFish(condition, [name, option]) {
  const choices = option.choices ? ` -a '${option.choices.join(" ")}'` : "";
  const value = option.read ? ` -x${choices}` : "";
  return `complete -c ${NAME} -n ${condition} -l ${name}${value} -d ${quotedInFish(briefly(option))}`;
}

/**
 * For bash and zsh.
 *
 * @param {string} text
 */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** @param {string} text */
function quotedInFish(text) {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
