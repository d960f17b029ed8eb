/** Stderr, where people read: a terminal with a last line that changes, or a plain stream of lines. */

/**
 * @typedef {object} Terminal
 * @property {boolean} isInteractive
 * @property {number} columns
 * @property {(...lines: string[]) => void} print above the status line, if there is one
 * @property {(lines: string[]) => void} draw lines of ours, control sequences and all
 * @property {(text: () => string) => void} status keeps a last line up to date, every second
 * @property {(...lines: string[]) => void} finish ends the status line, then prints
 */

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
  /** Shows the status line, if there is one. */
  let show;
  let timer;

  const print = (...lines) => {
    if (show) stream.write("\r\x1b[K");
    for (const line of lines) stream.write(`${printable(line)}\n`);
    show?.();
  };
  const finish = (...lines) => {
    if (show) stream.write("\r\x1b[K");
    show = undefined;
    clearInterval(timer);
    print(...lines);
  };
  const status = (text) => {
    // A line that wraps can't be overwritten.
    show = () => stream.write(`\r${printable(text()).slice(0, columns() - 1)}\x1b[K`);
    clearInterval(timer);
    timer = setInterval(show, 1000);
    show();
  };
  return {
    isInteractive,
    get columns() {
      return columns();
    },
    print,
    draw: (lines) => stream.write(lines.map((line) => `${line}\n`).join("")),
    status,
    finish,
  };
}

/**
 * One line without control characters: much of what is printed was written by a server, which has no business in moving
 * the cursor.
 *
 * @param {string} text
 */
export function printable(text) {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ");
}
