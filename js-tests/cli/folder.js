/** Examples as a reader copies them. */

import { copyFile, mkdtemp } from "node:fs/promises";
import { basename, join } from "node:path";
import { place } from "./program.js";

/** A folder of the project with examples in it, so that the package goes by its name. */
export async function folderWith(...names) {
  const cwd = await mkdtemp(join(place.dir, "example-"));
  const examples = join(place.dir, "node_modules", "entra-device-code", "examples");
  const copied = names.map((name) => copyFile(join(examples, name), join(cwd, basename(name))));
  await Promise.all(copied);
  return cwd;
}
