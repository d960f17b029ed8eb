/** The sign-in on a terminal that the READMEs show, recorded from the real program. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { arrange } from "./arrange.js";
import { follow, onNetwork, place } from "./program.js";
import { runtime } from "./runtimes.js";
import { drawScreens, readScreen } from "./screen.js";

/** Where it is kept. */
export const PICTURE = fileURLToPath(new URL("../../docs/pictures/terminal.svg", import.meta.url));
const TERMINAL = fileURLToPath(new URL("terminal.py", import.meta.url));
const COLUMNS = 80;
/** So that each run makes the same picture. */
const MESSAGE =
  "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code F4KQ8ZTNW to authenticate.";
const CODE = { default: true, set: { user_code: "F4KQ8ZTNW", message: MESSAGE } };
const PROMPT = "$ ";

/**
 * A shell's session: the program waits, then has the token. Each run draws the same.
 *
 * @param {Pick<import("../base/harness/suite.js").TestContext, "after">} t
 * @returns {Promise<string>} SVG
 */
export async function drawSignIn(t) {
  const { s } = await arrange(t, { approveAfterPolls: null, replies: { devicecode: [CODE] } });
  const { preload, env } = onNetwork(s);
  const shell = follow(
    t,
    ["python3", TERMINAL, String(COLUMNS), "sh", "-c", "exec bash --norc --noprofile -i >&2"],
    {
      ...runtime("node").trust(place.caFile),
      ...env,
      NODE_OPTIONS: `--import=${preload}`,
      PATH: `${join(place.dir, "node_modules", ".bin")}:${process.env.PATH}`,
      TERM: "xterm-256color",
      NO_COLOR: "",
      BASH_SILENCE_DEPRECATION_WARNING: "1",
    },
  );
  shell.type("PS1='$ '; bind 'set enable-bracketed-paste off'\n");
  await shell.shows(/\n[^\n]*\$ $/);
  const before = shell.stderr.lastIndexOf(PROMPT);
  shell.type("token=$(entra-device-code token --qr --scope User.Read)\n");
  const { input, index, 0: left } = await shell.shows(/sign in: 15:00 left/);
  const waiting = readScreen(input.slice(before, index + left.length), COLUMNS);
  await s.approve();
  await shell.shows(/left[^$]*\$ $/);
  const typed = shell.stderr.length - PROMPT.length;
  shell.type(`echo "\${token:0:8}… has \${#token} characters"\n`);
  await shell.shows(/characters\r\n[^$]*\$ $/);
  const done = readScreen(shell.stderr.slice(typed), COLUMNS).slice(0, 2);
  shell.type("exit\n");
  await shell.ended;
  const title = "A sign-in on a terminal: a code, a QR code and the time left; then the token";
  return drawScreens([waiting, done], COLUMNS, title);
}
