import { readFileSync } from "node:fs";
import { COMMAND_NAMES, OPTIONS } from "./arguments.js";

/** How wide the help is, and where what an option is for begins. */
const WIDTH = 100;
const INDENT = 32;

export function version() {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}

export function help() {
  const commands = Object.entries(COMMAND_NAMES).map(
    ([name, about]) => `  ${name.padEnd(12)}${about}`,
  );
  const options = Object.entries(OPTIONS).flatMap(([name, { value, about }]) => {
    const flag = `  --${name}${value ? ` <${value}>` : ""}`.padEnd(INDENT);
    return wrap(about).map((line, at) => (at === 0 ? flag : " ".repeat(INDENT)) + line);
  });
  return `Signs you in to Microsoft Entra ID with a code typed on another device.

Usage: entra-device-code <command> [options]

Commands:
${commands.join("\n")}

Options:
${options.join("\n")}

Options prevail over the environment's AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_AUTHORITY_HOST.
NO_COLOR leaves the colours out.

Only the answer goes to stdout, everything else to stderr:

  curl -H "Authorization: Bearer $(entra-device-code token --scope User.Read)" \\
    https://graph.microsoft.com/v1.0/me

Exit status:
  0    ok
  1    the sign-in failed or was somebody else's; the cache can't be used, or login or logout can't
       write it; the answer could not be written
  2    the command line is wrong or does not say enough; nothing was sent
  3    somebody must sign in first, and --no-prompt is given
  129, 130, 143  ended by SIGHUP, Ctrl-C or SIGTERM`;
}

/**
 * In lines that fit beside the options.
 *
 * @param {string} text
 */
function wrap(text) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = `${lines[lines.length - 1]} ${word}`.trimStart();
    if (line.length > WIDTH - INDENT) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines;
}
