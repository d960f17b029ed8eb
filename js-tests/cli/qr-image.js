/** Reads a QR code back: from modules, or from what a terminal shows. */

import decode from "jsqr";

const SCALE = 4;

/**
 * @param {boolean[][]} modules true is dark; with the quiet zone
 * @returns {{data: string, version: number} | null}
 */
export function read(modules) {
  const [width, height] = [modules[0].length * SCALE, modules.length * SCALE];
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dark = modules[Math.floor(y / SCALE)][Math.floor(x / SCALE)];
      pixels.fill(dark ? 0 : 255, (y * width + x) * 4, (y * width + x) * 4 + 3);
      pixels[(y * width + x) * 4 + 3] = 255;
    }
  }
  // A code of inverted colours is one that some scanners don't read.
  return decode(pixels, width, height, { inversionAttempts: "dontInvert" });
}

/**
 * Half blocks, black on white, each two modules.
 *
 * @param {string} screen
 */
export function modulesOnScreen(screen) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are
  const lines = [...screen.matchAll(/\x1b\[38;5;16;48;5;231m([ ▀▄█]+)\x1b\[0m/g)];
  return lines.flatMap(([, line]) => [
    [...line].map((character) => "▀█".includes(character)),
    [...line].map((character) => "▄█".includes(character)),
  ]);
}
