/**
 * A QR code encoder (ISO/IEC 18004): bytes, versions 1 to 10, error correction levels L and M. Addresses need no more.
 */

import { errorCorrection } from "./reed-solomon.js";

/** By version: all codewords of a symbol, and by level the blocks and the error correction codewords of each. */
const VERSIONS = [
  { total: 26, L: [1, 7], M: [1, 10], alignment: [] },
  { total: 44, L: [1, 10], M: [1, 16], alignment: [6, 18] },
  { total: 70, L: [1, 15], M: [1, 26], alignment: [6, 22] },
  { total: 100, L: [1, 20], M: [2, 18], alignment: [6, 26] },
  { total: 134, L: [1, 26], M: [2, 24], alignment: [6, 30] },
  { total: 172, L: [2, 18], M: [4, 16], alignment: [6, 34] },
  { total: 196, L: [2, 20], M: [4, 18], alignment: [6, 22, 38] },
  { total: 242, L: [2, 24], M: [4, 22], alignment: [6, 24, 42] },
  { total: 292, L: [2, 30], M: [5, 22], alignment: [6, 26, 46] },
  { total: 346, L: [4, 18], M: [5, 26], alignment: [6, 28, 50] },
];
const LEVEL_BITS = { L: 0b01, M: 0b00 };
const BYTE_MODE = 0b0100;

/** By number: which modules a mask inverts. */
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** The text does not fit into the largest version. */
export class TooLongError extends RangeError {}

/**
 * @typedef {object} QrCode
 * @property {number} version
 * @property {"L" | "M"} level
 * @property {number} mask
 * @property {boolean[][]} modules rows from the top; true is dark. Without the quiet zone
 */

/**
 * The smallest code that holds the text, at the better level that this size has room for.
 *
 * @param {string} text
 * @param {{minVersion?: number, levels?: ("L" | "M")[], mask?: number}} [settings] for tests
 * @returns {QrCode}
 * @throws {TooLongError}
 */
export function encode(text, { minVersion = 1, levels = ["M", "L"], mask } = {}) {
  const bytes = new TextEncoder().encode(text);
  for (let version = minVersion; version <= VERSIONS.length; version++) {
    const level = levels.find((each) => bytes.length <= capacity(version, each));
    if (!level) continue;
    const codewords = interleave(dataCodewords(bytes, version, level), version, level);
    const masks = mask === undefined ? MASKS.keys() : [mask];
    const codes = Array.from(masks, (each) => compose(codewords, version, level, each));
    return codes.reduce((best, code) => (penalty(code) < penalty(best) ? code : best));
  }
  throw new TooLongError(`${bytes.length} bytes do not fit into a QR code of version 10`);
}

function dataLength(version, level) {
  const { total, [level]: blocks } = VERSIONS[version - 1];
  return total - blocks[0] * blocks[1];
}

/** The mode takes 4 bits, the count of bytes 8 or 16. */
function capacity(version, level) {
  return dataLength(version, level) - (version < 10 ? 2 : 3);
}

function dataCodewords(bytes, version, level) {
  const bits = [];
  const push = (value, width) => {
    for (let bit = width - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  };
  push(BYTE_MODE, 4);
  push(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) push(byte, 8);
  push(0, 4); // the terminator; in byte mode it always fits, and ends on a whole byte
  const codewords = [];
  for (let at = 0; at < bits.length; at += 8) {
    codewords.push(bits.slice(at, at + 8).reduce((value, bit) => value * 2 + bit, 0));
  }
  for (let pad = 0xec; codewords.length < dataLength(version, level); pad ^= 0xec ^ 0x11) {
    codewords.push(pad);
  }
  return codewords;
}

/** The blocks' codewords by turns, so that damage to one place is shared among blocks. */
function interleave(data, version, level) {
  const [count, correction] = VERSIONS[version - 1][level];
  const short = Math.floor(data.length / count);
  const longOnes = data.length % count; // the last blocks are one codeword longer
  let at = 0;
  const blocks = Array.from({ length: count }, (_, index) => {
    const length = short + (index >= count - longOnes ? 1 : 0);
    at += length;
    return data.slice(at - length, at);
  });
  const corrections = blocks.map((block) => errorCorrection(block, correction));
  const byTurns = (rows, length) =>
    Array.from({ length }, (_, index) => rows.map((row) => row[index])).flat();
  return [...byTurns(blocks, short + 1), ...byTurns(corrections, correction)].filter(
    (codeword) => codeword !== undefined,
  );
}

/** @returns {QrCode} */
function compose(codewords, version, level, mask) {
  const size = 17 + 4 * version;
  const modules = Array.from({ length: size }, () => new Array(size).fill(undefined));
  drawPatterns(modules, version);
  drawFormat(modules, level, mask);
  if (version >= 7) drawVersion(modules, version);
  drawData(modules, codewords, mask);
  return { version, level, mask, modules };
}

/** What is the same in all codes of a version: timing, finders with their separators, alignment. */
function drawPatterns(modules, version) {
  const size = modules.length;
  for (let at = 0; at < size; at++) {
    modules[6][at] = at % 2 === 0;
    modules[at][6] = at % 2 === 0;
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ]) {
    drawRings(modules, x, y, 4, (ring) => ring !== 2 && ring !== 4);
  }
  const { alignment } = VERSIONS[version - 1];
  const last = alignment.length - 1;
  alignment.forEach((y, row) => {
    alignment.forEach((x, column) => {
      const inFinder =
        (row === 0 && (column === 0 || column === last)) || (row === last && !column);
      if (!inFinder) drawRings(modules, x, y, 2, (ring) => ring !== 1);
    });
  });
}

function drawRings(modules, centerX, centerY, radius, isDark) {
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      const row = modules[centerY + dy];
      const x = centerX + dx;
      if (row && x >= 0 && x < row.length) row[x] = isDark(Math.max(Math.abs(dx), Math.abs(dy)));
    }
  }
}

/** Level and mask, twice, each with a BCH code of 10 bits. */
function drawFormat(modules, level, mask) {
  const size = modules.length;
  const data = (LEVEL_BITS[level] << 3) | mask;
  const bits = ((data << 10) | remainder(data, 0x537, 10)) ^ 0x5412;
  const isDark = (bit) => ((bits >> bit) & 1) === 1;
  // Around the first finder, leaping over the timing patterns; bit 0 is at its top.
  const down = [0, 1, 2, 3, 4, 5, 7, 8];
  for (let bit = 0; bit < 8; bit++) {
    modules[down[bit]][8] = isDark(bit);
    modules[8][size - 1 - bit] = isDark(bit);
  }
  const left = [7, 5, 4, 3, 2, 1, 0];
  for (let bit = 8; bit < 15; bit++) {
    modules[8][left[bit - 8]] = isDark(bit);
    modules[size - 15 + bit][8] = isDark(bit);
  }
  modules[size - 8][8] = true;
}

/** The version, twice, with a BCH code of 12 bits. */
function drawVersion(modules, version) {
  const size = modules.length;
  const bits = (version << 12) | remainder(version, 0x1f25, 12);
  for (let bit = 0; bit < 18; bit++) {
    const along = Math.floor(bit / 3);
    const across = size - 11 + (bit % 3);
    modules[across][along] = ((bits >> bit) & 1) === 1;
    modules[along][across] = modules[across][along];
  }
}

/** Of `data`, shifted by the code's degree, divided by the code's polynomial. */
function remainder(data, polynomial, degree) {
  let rest = data;
  for (let step = 0; step < degree; step++) {
    rest = (rest << 1) ^ ((rest >> (degree - 1)) & 1 ? polynomial : 0);
  }
  return rest;
}

/** Upwards and downwards by turns, in columns two modules wide, from the right. Modules already drawn are passed over. */
function drawData(modules, codewords, mask) {
  const size = modules.length;
  let bit = 0;
  let upwards = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5; // the timing pattern has a column of its own
    for (let step = 0; step < size; step++) {
      const y = upwards ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (modules[y][x] !== undefined) continue;
        // Bits that remain at the end are zero.
        const isSet = (((codewords[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
        modules[y][x] = isSet !== MASKS[mask](x, y);
        bit += 1;
      }
    }
    upwards = !upwards;
  }
}

/** How hard a code is to read, by the standard's four rules. */
function penalty({ modules }) {
  const size = modules.length;
  const columns = modules.map((_, x) => modules.map((row) => row[x]));
  let sum = 0;
  for (const line of [...modules, ...columns]) sum += linePenalty(line);
  for (let y = 1; y < size; y++) {
    for (let x = 1; x < size; x++) {
      const dark = modules[y][x];
      const square = [modules[y - 1][x - 1], modules[y - 1][x], modules[y][x - 1]];
      if (square.every((each) => each === dark)) sum += 3;
    }
  }
  const dark = modules.flat().filter(Boolean).length;
  const percent = (dark * 100) / size ** 2;
  return sum + 10 * Math.floor(Math.abs(percent - 50) / 5);
}

/** Runs of five and more, and what looks like a finder with four light modules beside it. */
function linePenalty(line) {
  const text = line.map((dark) => (dark ? "1" : "0")).join("");
  const runs = text.match(/0{5,}|1{5,}/g) ?? [];
  const finders = text.match(/(?=10111010000|00001011101)/g) ?? [];
  return runs.reduce((sum, run) => sum + run.length - 2, 0) + 40 * finders.length;
}
