/** Takes the pictures of the Worker example's page that the README shows: `make pictures`. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { begin, openWorld, sees } from "./world.js";

const FOLDER = fileURLToPath(new URL("../../../docs/pictures/", import.meta.url));
/** What is around the sheet, in CSS pixels. */
const MARGIN = 16;
/** So that each run makes the same pictures. */
const CODE = { default: true, set: { user_code: "F4KQ8ZTNW" } };

const world = await openWorld();
const cleanups = [];
const t = { after: (cleanup) => cleanups.unshift(cleanup) };
try {
  await mkdir(FOLDER, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    const { s, page } = await world.visit(
      t,
      { replies: { devicecode: [CODE] }, interval: 2 },
      { colorScheme, viewport: { width: 416, height: 800 }, deviceScaleFactor: 1.5 },
    );
    await page.clock.setFixedTime(new Date());
    await begin(page);
    await take(page, `worker-code-${colorScheme}`);
    if (colorScheme === "dark") continue;
    await s.approve();
    await sees(page, "You are signed in");
    await take(page, "worker-signed-in");
  }
} finally {
  for (const cleanup of cleanups) await cleanup();
  await world.close();
}

async function take(page, name) {
  const { x, y, width, height } = await page.locator("main").boundingBox();
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({
    path,
    clip: {
      x: x - MARGIN,
      y: y - MARGIN,
      width: width + 2 * MARGIN,
      height: height + 2 * MARGIN,
    },
  });
  console.log(path);
}
