import { encode } from "uqr";
import { draw, QR_CODE } from "./draw.js";
import { printable } from "./terminal.js";

/**
 * Shows where to sign in, and on a terminal how much time is left.
 *
 * @param {import("entra-device-code").DeviceCodeInfo} prompt
 * @param {import("./arguments.js").Options} options
 * @param {import("./terminal.js").Terminal} terminal
 */
export function showPrompt(prompt, { copy, qr, timeout, username }, terminal) {
  const end = Math.min(prompt.expiresOn.getTime(), Date.now() + (timeout ?? Infinity) * 1000);
  terminal.emphasize(prompt.message, prompt.userCode);
  // The message is the server's.
  if (!printable(prompt.message).includes(printable(prompt.userCode))) {
    terminal.emphasize(`The code is ${prompt.userCode}`, prompt.userCode);
  }
  if (username !== undefined) terminal.print(`Sign in as ${username}.`);
  if (copy) copyCode(prompt.userCode, terminal);
  if (!terminal.isInteractive) {
    const at = new Date(end).toISOString().slice(11, 19);
    return terminal.print(`Waiting until ${at} UTC.`);
  }
  if (qr) showQrCode(prompt.verificationUriComplete ?? prompt.verificationUri, terminal);
  terminal.status(() => `Waiting for you to sign in: ${clock(end - Date.now())} left`);
}

/**
 * @param {string} code
 * @param {import("./terminal.js").Terminal} terminal
 */
function copyCode(code, terminal) {
  if (!terminal.hasClipboard) {
    return terminal.print("The code was not copied: there is no terminal here with a clipboard.");
  }
  terminal.copy(code);
  terminal.print("The code is on the clipboard, if your terminal lets programs write to it.");
}

/**
 * @param {string} uri
 * @param {import("./terminal.js").Terminal} terminal
 */
function showQrCode(uri, terminal) {
  try {
    const { data, size } = encode(uri, QR_CODE);
    if (size <= terminal.columns) return terminal.draw(draw(data));
    terminal.print(`The terminal is too narrow for the QR code: it needs ${size} columns.`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    terminal.print("The address is too long for a QR code.");
  }
}

/**
 * `m:ss`
 *
 * @param {number} milliseconds
 */
function clock(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
