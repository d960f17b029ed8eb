/** Draws the sign-in on a terminal that the READMEs show: `make pictures`. */

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createProject } from "../base/runners/project.js";
import { startServers } from "../base/servers/start.js";
import { drawSignIn, PICTURE } from "./picture.js";
import { place } from "./program.js";

const project = await createProject();
const servers = await startServers();
const cleanups = [];
const t = { after: (cleanup) => cleanups.unshift(cleanup) };
try {
  const { entra, oidc, certificate } = servers;
  globalThis.__testServers = { entra, oidc, certificate, runtime: "node" };
  Object.assign(place, { dir: project.dir, env: project.env, caFile: certificate.caFile });
  await mkdir(dirname(PICTURE), { recursive: true });
  await writeFile(PICTURE, await drawSignIn(t));
  console.log(PICTURE);
} finally {
  for (const cleanup of cleanups) await cleanup();
  await servers.stop();
  await project.remove();
}
