/** Counts in a file, under its lock: `count.js MODULE-OF-THE-LOCK FILE TIMES`. */

import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const [module, file, times] = process.argv.slice(2);
const { withLock } = await import(module);

for (let n = 0; n < Number(times); n++) {
  await withLock(`${file}.lockfile`, async (isHeld) => {
    const count = Number(await readFile(file, "utf8"));
    await sleep(Math.random() * 3);
    if (!(await isHeld())) return false;
    await writeFile(file, String(count + 1));
    return true;
  });
}
