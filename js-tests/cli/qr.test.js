/** The QR codes that terminals show, read back by a decoder that others wrote. */

import { encode } from "uqr";
import { draw, QR_CODE } from "../../pkg-template/cli/draw.js";
import { equal, ok, throws } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { modulesOnScreen, read } from "./qr-image.js";

/** Bytes that a code holds, by version (ISO/IEC 18004, table 7). */
const CAPACITY = {
  L: [17, 32, 53, 78, 106, 134, 154, 192, 230, 271],
  M: [14, 26, 42, 62, 84, 106, 122, 152, 180, 213],
};
const QUIET_ZONE = 4;

/** Text of a length, the same at each run and with all printable characters. */
function text(length) {
  return Array.from({ length }, (_, at) =>
    String.fromCharCode(33 + ((at * 37 + length) % 94)),
  ).join("");
}

/** What a scanner sees of the code of an address. */
function scan(address, settings) {
  return read(modulesOnScreen(draw(encode(address, { ...QR_CODE, ...settings }).data).join("\n")));
}

for (const [level, capacities] of Object.entries(CAPACITY)) {
  test(`qr: level ${level}, every version at its limits`, () => {
    capacities.forEach((capacity, index) => {
      const settings = { ecc: level, boostEcc: false, minVersion: index + 1 };
      for (const length of [1, Math.ceil(capacity / 2), capacity - 1, capacity]) {
        const found = scan(text(length), settings);
        equal(found?.data, text(length), `version ${index + 1}, ${length} bytes`);
        equal(found?.version, index + 1);
      }
    });
  });
}

test("qr: the smallest that holds the text", () => {
  CAPACITY.L.forEach((capacity, index) => {
    equal(scan(text(capacity))?.version, index + 1);
    if (index > 0) equal(scan(text(CAPACITY.L[index - 1] + 1))?.version, index + 1);
  });
});

test("qr: every mask can be read, and not always the same is taken", () => {
  const taken = new Set();
  for (let length = 1; length < 60; length++) {
    taken.add(encode(text(length), QR_CODE).maskPattern);
  }
  ok(taken.size > 3, [...taken].join());
  for (let maskPattern = 0; maskPattern < 8; maskPattern++) {
    for (const minVersion of [1, 2, 7, 10]) {
      equal(scan(text(14), { maskPattern, minVersion })?.data, text(14), `mask ${maskPattern}`);
    }
  }
});

test("qr: a blot on it is corrected, where the same size has room for that", () => {
  const blotted = (address, settings) => {
    const { data } = encode(address, { ...QR_CODE, ...settings });
    const [from, to] = [QUIET_ZONE + 11, QUIET_ZONE + 19];
    const isBlot = (at) => at >= from && at < to;
    return read(data.map((row, y) => row.map((dark, x) => dark || (isBlot(x) && isBlot(y)))));
  };
  // The longest that level M of version 3 holds: with one more, it is L.
  equal(blotted(text(42))?.data, text(42));
  equal(blotted(text(42), { boostEcc: false }), null);
  equal(blotted(text(43)), null);
  for (const length of [42, 43]) equal(scan(text(length))?.version, 3);
});

test("qr: a light border of four modules all around", () => {
  const modules = modulesOnScreen(draw(encode(text(30), QR_CODE).data).join("\n"));
  const size = 25 + 2 * QUIET_ZONE;
  // Two rows are one line, so there is another light one below.
  equal(modules.length, size + 1);
  for (const [y, row] of modules.entries()) {
    equal(row.length, size);
    for (const [x, dark] of row.entries()) {
      const inside = [x, y].every((at) => at >= QUIET_ZONE && at < size - QUIET_ZONE);
      ok(inside || !dark, `${x}, ${y}`);
    }
  }
  ok(modules[QUIET_ZONE][QUIET_ZONE], "and none wider");
});

test("qr: other alphabets; nothing; too much", () => {
  const greek = "https://contoso.com/σύνδεση?κωδικός=ΑΒΓ";
  equal(scan(greek)?.data, greek);
  equal(encode("", QR_CODE).version, 1);
  throws(() => encode(text(272), QR_CODE), RangeError);
});
