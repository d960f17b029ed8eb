import { draw, widthOf } from "./draw.js";
import { encode, TooLongError } from "./qr.js";

/**
 * Shows where to sign in, and on a terminal how much time is left.
 *
 * @param {import("entra-device-code").DeviceCodeInfo} prompt
 * @param {{qr?: boolean, timeout?: number, username?: string}} options
 * @param {import("./terminal.js").Terminal} terminal
 */
export function showPrompt(prompt, { qr, timeout, username }, terminal) {
  const end = Math.min(prompt.expiresOn.getTime(), Date.now() + (timeout ?? Infinity) * 1000);
  terminal.print(prompt.message);
  if (username !== undefined) terminal.print(`Sign in as ${username}.`);
  if (!terminal.isInteractive) {
    const at = new Date(end).toISOString().slice(11, 19);
    return terminal.print(`Waiting until ${at} UTC.`);
  }
  if (qr) showQrCode(prompt.verificationUriComplete ?? prompt.verificationUri, terminal);
  terminal.status(() => `Waiting for you to sign in: ${clock(end - Date.now())} left`);
}

function showQrCode(uri, terminal) {
  try {
    const code = encode(uri);
    if (widthOf(code) <= terminal.columns) return terminal.draw(draw(code));
    terminal.print(
      `The terminal is too narrow for the QR code: it needs ${widthOf(code)} columns.`,
    );
  } catch (error) {
    if (!(error instanceof TooLongError)) throw error;
    terminal.print("The address is too long for a QR code.");
  }
}

/** `m:ss` */
function clock(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
