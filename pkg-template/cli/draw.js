/** A QR code in characters: two modules in each, one above the other. */

/**
 * The smallest code that holds an address, corrected as well as this size has room for, with the light border that scanners
 * need (ISO/IEC 18004: four modules). What needs a larger one than version 10 fits on few screens: it is higher than 33 lines.
 *
 * @type {import("uqr").QrCodeGenerateOptions}
 */
export const QR_CODE = { ecc: "L", boostEcc: true, maxVersion: 10, border: 4 };

// Black on white whatever the terminal's own colours are: scanners expect it so.
const COLOURS = "\x1b[38;5;16;48;5;231m";
const PLAIN = "\x1b[0m";

/**
 * @param {boolean[][]} modules rows from the top; true is dark
 * @returns {string[]} lines
 */
export function draw(modules) {
  const lines = [];
  for (let y = 0; y < modules.length; y += 2) {
    const line = modules[y].map((upper, x) => half(upper, modules[y + 1]?.[x])).join("");
    lines.push(COLOURS + line + PLAIN);
  }
  return lines;
}

/**
 * @param {boolean} upper
 * @param {boolean} [lower]
 */
function half(upper, lower) {
  if (upper) return lower ? "█" : "▀";
  return lower ? "▄" : " ";
}
