/** Stderr, where people read: a terminal with a last line that changes, or a plain stream of lines. */

/**
 * @typedef {object} Terminal
 * @property {boolean} isInteractive
 * @property {boolean} hasClipboard whether it may have one that programs can write to
 * @property {number} columns
 * @property {(...lines: string[]) => void} print above the status line, if there is one
 * @property {(line: string, word: string) => void} emphasize prints a line in which a word stands out
 * @property {(lines: string[]) => void} draw lines of ours, control sequences and all
 * @property {(text: string) => void} copy to its clipboard; whether it did, no terminal says
 * @property {(text: () => string) => void} status keeps a last line up to date, every second
 * @property {(...lines: string[]) => void} finish ends the status line, then prints
 */

// Magenta can be read on black and on white.
const BOLD = "\x1b[1;35m";
const PLAIN = "\x1b[0m";

/**
 * @param {import("node:tty").WriteStream} stream
 * @param {Record<string, string | undefined>} env
 * @returns {Terminal}
 */
export function createTerminal(stream, env) {
  // Whoever closed stderr does not want to read: no reason to fail.
  stream.on("error", () => {});
  const isInteractive = Boolean(stream.isTTY) && env.TERM !== "dumb";
  const columns = () => stream.columns || 80;
  /**
   * Shows the status line, if there is one.
   *
   * @type {(() => void) | undefined}
   */
  let show;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  const write = (/** @type {string[]} */ lines) => {
    if (show) stream.write("\r\x1b[K");
    for (const line of lines) stream.write(`${line}\n`);
    show?.();
  };
  const print = (/** @type {string[]} */ ...lines) => write(lines.map(printable));
  const emphasize = (/** @type {string} */ line, /** @type {string} */ word) => {
    const [text, marked] = [printable(line), printable(word)];
    const at = text.lastIndexOf(marked);
    // https://no-color.org
    if (!isInteractive || env.NO_COLOR || at === -1) return write([text]);
    write([text.slice(0, at) + BOLD + marked + PLAIN + text.slice(at + marked.length)]);
  };
  const finish = (/** @type {string[]} */ ...lines) => {
    if (show) stream.write("\r\x1b[K");
    show = undefined;
    clearInterval(timer);
    print(...lines);
  };
  const status = (/** @type {() => string} */ text) => {
    // A line that wraps can't be overwritten.
    show = () => stream.write(`\r${printable(text()).slice(0, columns() - 1)}\x1b[K`);
    clearInterval(timer);
    timer = setInterval(show, 1000);
    show();
  };
  return {
    isInteractive,
    // Linux's own console has none.
    hasClipboard: isInteractive && env.TERM !== "linux",
    get columns() {
      return columns();
    },
    print,
    emphasize,
    draw: (lines) => stream.write(lines.map((line) => `${line}\n`).join("")),
    // OSC 52 of xterm. Without line breaks: a shell into which it is pasted runs nothing.
    copy: (text) =>
      stream.write(`\x1b]52;c;${Buffer.from(printable(text)).toString("base64")}\x07`),
    status,
    finish,
  };
}

/** What a terminal obeys or does not show: control characters, marks of direction, characters of no width, tags. */
const HIDDEN =
  /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/**
 * One line without them, as the core has what servers say: much of what is printed was written by a server, which has no
 * business in moving the cursor, nor in hiding what it says.
 *
 * @param {string} text
 */
export function printable(text) {
  return text.replaceAll(/ ?[\t\n\r\p{Zl}\p{Zp}]+/gu, " ").replaceAll(HIDDEN, "");
}
