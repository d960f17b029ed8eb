/** All cells of the table at once, on one clock. */

import { loadStores, observe } from "./cell.js";
import { COLUMNS } from "./columns.js";
import { FAULTS } from "./faults.js";
import { measureLag, socketFaults } from "./sockets.js";
import { installVirtualTime } from "./virtual.js";

/** How long after one fault the next is begun with where connections are real, in milliseconds: at once, they'd be too many. */
const APART = 400;

/**
 * @typedef {object} Input
 * @property {import("./cell.js").Settings} settings
 * @property {string} [only] part of a fault's name
 * @property {import("./sockets.js").Sockets} [sockets] where faults are real, and so is time
 */

/**
 * @param {Input} input
 * @returns {Promise<{seen: object[], timers: number, lag: number}>} what was seen in each cell, how many timers are left, and how
 *   long a request took meanwhile that met no fault, in milliseconds
 */
export async function table({ settings, only = "", sockets }) {
  const faults = Object.entries(sockets ? socketFaults(sockets) : FAULTS);
  const chosen = faults.filter(([name]) => name.includes(only));
  await loadStores();
  const time = sockets ? realTime() : installVirtualTime();
  const lag = sockets && measureLag(sockets);
  const apart = sockets ? APART : 0;
  const cells = chosen.flatMap(([name, fault], n) =>
    Object.keys(COLUMNS).flatMap((column) =>
      ["always", "once"].map((mode) => ({ name, fault, column, mode, begins: n * apart })),
    ),
  );
  try {
    const work = cells.map(async ({ name, fault, column, mode, begins }) => {
      if (begins) await new Promise((resolve) => setTimeout(resolve, begins));
      const { reply: _, ...what } = fault;
      const place = { ...what, fault: name, column, mode };
      try {
        return { ...place, seen: await observe({ column, fault, mode, settings, now: time.now }) };
      } catch (error) {
        return { ...place, broken: `${error.stack ?? error}` };
      }
    });
    const seen = await time.during(Promise.all(work));
    return { seen, timers: time.timers(), lag: lag ? await lag.stop() : 0 };
  } finally {
    time.restore();
  }
}

function realTime() {
  return {
    now: () => performance.now(),
    timers: () => 0,
    during: (work) => work,
    restore: () => {},
  };
}
