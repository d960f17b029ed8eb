/** The QR encoder, read back by a decoder that others wrote. */

import { equal, ok, throws } from "../harness/assert.js";
import { test } from "../harness/suite.js";
import { place } from "./program.js";
import { read, withQuietZone } from "./qr-image.js";

const load = () => import(`${place.dir}/node_modules/entra-device-code/cli/qr.js`);

/** Bytes that a code holds, by version (ISO/IEC 18004, table 7). */
const CAPACITY = {
  L: [17, 32, 53, 78, 106, 134, 154, 192, 230, 271],
  M: [14, 26, 42, 62, 84, 106, 122, 152, 180, 213],
};

/** Text of a length, the same at each run and with all printable characters. */
function text(length) {
  return Array.from({ length }, (_, at) =>
    String.fromCharCode(33 + ((at * 37 + length) % 94)),
  ).join("");
}

for (const level of ["L", "M"]) {
  test(`qr: level ${level}, every version at its limits`, async () => {
    const { encode } = await load();
    CAPACITY[level].forEach((capacity, index) => {
      for (const length of [1, Math.ceil(capacity / 2), capacity - 1, capacity]) {
        const code = encode(text(length), { levels: [level], minVersion: index + 1 });
        equal(code.version, index + 1);
        equal(code.level, level);
        const found = read(withQuietZone(code.modules));
        equal(found?.data, text(length), `version ${index + 1}, ${length} bytes`);
        equal(found?.version, index + 1);
      }
      if (index < 9) {
        equal(encode(text(capacity + 1), { levels: [level] }).version, index + 2);
      }
    });
  });
}

test("qr: every mask can be read, and the one with the least penalty is taken", async () => {
  const { encode } = await load();
  const taken = new Set();
  for (let length = 1; length < 60; length++) taken.add(encode(text(length)).mask);
  ok(taken.size > 3, [...taken].join());
  for (let mask = 0; mask < 8; mask++) {
    for (const minVersion of [1, 2, 7, 10]) {
      const code = encode(text(14), { mask, minVersion });
      equal(code.mask, mask);
      equal(read(withQuietZone(code.modules))?.data, text(14), `mask ${mask}`);
    }
  }
});

test("qr: a blot on it is corrected", async () => {
  const { encode } = await load();
  const { modules } = encode("https://microsoft.com/devicelogin", { levels: ["M"] });
  const blotted = modules.map((row, y) =>
    row.map((dark, x) => (x > 12 && x < 19 && y > 11 && y < 18 ? true : dark)),
  );
  equal(read(withQuietZone(blotted))?.data, "https://microsoft.com/devicelogin");
});

test("qr: the better level where the same size has room for it; other alphabets; too much", async () => {
  const { encode, TooLongError } = await load();
  equal(encode(text(42)).level, "M");
  equal(encode(text(43)).level, "L");
  equal(encode(text(43)).version, 3);
  const greek = "https://contoso.com/σύνδεση?κωδικός=ΑΒΓ";
  equal(read(withQuietZone(encode(greek).modules))?.data, greek);
  equal(encode("").version, 1);
  throws(() => encode(text(272)), TooLongError);
});
