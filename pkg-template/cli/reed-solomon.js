/** Reed-Solomon codes over the field of 256 elements, as QR codes use them. */

/** The powers of the field's generator 2, modulo x⁸ + x⁴ + x³ + x² + 1, and their inverse. */
const POWER = new Uint8Array(255);
const LOGARITHM = new Uint8Array(256);
for (let exponent = 0, value = 1; exponent < 255; exponent++) {
  POWER[exponent] = value;
  LOGARITHM[value] = exponent;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}

function multiply(a, b) {
  return a === 0 || b === 0 ? 0 : POWER[(LOGARITHM[a] + LOGARITHM[b]) % 255];
}

/** The product of (x - 2⁰)(x - 2¹)…: its coefficients from the second highest degree down; the highest is 1. */
function generator(degree) {
  let coefficients = [1];
  for (let root = 0; root < degree; root++) {
    const shifted = [...coefficients, 0];
    coefficients = shifted.map(
      (each, at) => each ^ multiply(coefficients[at - 1] ?? 0, POWER[root]),
    );
  }
  return coefficients.slice(1);
}

/**
 * @param {number[]} data
 * @param {number} count how many codewords of correction
 * @returns {number[]}
 */
export function errorCorrection(data, count) {
  const divisor = generator(count);
  let rest = new Array(count).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest[0];
    rest = divisor.map((each, at) => (rest[at + 1] ?? 0) ^ multiply(each, factor));
  }
  return rest;
}
