/** A QR code in characters: two modules in each, one above the other. */

/** The light border that scanners need (ISO/IEC 18004: four modules). */
const QUIET_ZONE = 4;
// Black on white whatever the terminal's own colours are: scanners expect it so.
const COLOURS = "\x1b[38;5;16;48;5;231m";
const PLAIN = "\x1b[0m";

/** @param {import("./qr.js").QrCode} code */
export function widthOf({ modules }) {
  return modules.length + 2 * QUIET_ZONE;
}

/**
 * @param {import("./qr.js").QrCode} code
 * @returns {string[]} lines
 */
export function draw({ modules }) {
  const end = modules.length + QUIET_ZONE;
  const lines = [];
  for (let y = -QUIET_ZONE; y < end; y += 2) {
    let line = "";
    for (let x = -QUIET_ZONE; x < end; x++) line += half(modules[y]?.[x], modules[y + 1]?.[x]);
    lines.push(COLOURS + line + PLAIN);
  }
  return lines;
}

function half(upper, lower) {
  if (upper) return lower ? "█" : "▀";
  return lower ? "▄" : " ";
}
