/**
 * The package against azure-identity: both play the same scenarios with the same server, and are compared.
 *
 *     node peers/conformance/run.js [--tarball FILE] [--only PART-OF-A-NAME] [--group GROUP]
 */

import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createProject } from "../../base/runners/project.js";
import { startServers } from "../../base/servers/start.js";
import { LISTED } from "./differences.js";
import { LEAVING, takeOver } from "./handover.js";
import { preparePython, run } from "./python.js";
import { createReport } from "./report.js";
import { allScenarios, forSide } from "./scenarios/index.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));

const { values } = parseArgs({
  options: { tarball: { type: "string" }, only: { type: "string" }, group: { type: "string" } },
});
const wanted = ({ name }) => !values.only || name.includes(values.only);

const python = await preparePython();
const project = await createProject({ tarball: values.tarball });
const servers = await startServers();
try {
  const folder = join(project.dir, "conformance");
  await cp(HERE, folder, { recursive: true });
  const report = createReport();
  const groups = Object.entries(allScenarios()).filter(
    ([name]) => !values.group || name === values.group,
  );
  const chosen = groups.map(([name, group]) => [name, group.filter(wanted)]);
  const handsOver = !values.only && !values.group;
  const scenarios = [...chosen.flatMap(([, group]) => group), ...(handsOver ? [LEAVING] : [])];

  const played = await play(scenarios, folder);
  for (const [name, group] of chosen) report.group(name, group, played);
  if (handsOver) {
    report.group("handing over", [LEAVING], played);
    const next = makeHandover(played);
    if (next) report.group("taking over", next, await play(next, folder));
    else report.fail("neither side left what the other could take over");
    for (const name of Object.keys(LISTED).filter((each) => !report.shown.has(each))) {
      report.fail(`the difference "${name}" shows nowhere`);
    }
  }
  if (!report.end()) process.exitCode = 1;
} finally {
  await servers.stop();
  await project.remove();
}

/**
 * Both sides at once.
 *
 * @param {import("./scenarios/index.js").Scenario[]} scenarios
 * @param {string} folder
 */
async function play(scenarios, folder) {
  const { entra, certificate } = servers;
  const sides = { python: [python, "drive.py"], ours: [process.execPath, "drive.js"] };
  const results = {};
  const plays = Object.entries(sides).map(async ([side, [command, program]]) => {
    const [input, output] = ["in", "out"].map((way) => join(folder, `${side}-${way}.json`));
    const setup = { ...entra, caFile: certificate.caFile, scenarios: forSide(scenarios, side) };
    await writeFile(input, JSON.stringify({ ...setup, entra: entra.url }));
    const env = { ...project.env, NODE_EXTRA_CA_CERTS: certificate.caFile };
    await run(command, [join(folder, program), input, output], { cwd: folder, env });
    results[side] = JSON.parse(await readFile(output, "utf8"));
  });
  await Promise.all(plays);
  return results;
}

/** @param {Record<string, any>} played */
function makeHandover(played) {
  const left = [played.python[LEAVING.name], played.ours[LEAVING.name]];
  if (left.some((result) => !result?.cache || !result.steps[1].outcome.serialized))
    return undefined;
  return [takeOver("Python's", left[0]), takeOver("our", left[1])];
}
