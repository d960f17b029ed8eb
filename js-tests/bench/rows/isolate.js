// A Worker that is new on a machine: the CPU that workerd takes from its start to the first response, made with a new
// credential, over what it takes for a Worker that does nothing.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createCertificate } from "../../base/servers/certificate.js";
import { startWorkerd } from "../../hosts/workers/workerd.js";
import { buildWorker } from "../programs.js";
import { inTurns } from "../rounds.js";

export const title = "First request of an isolate on workerd";

export async function measure({ stage, quick }) {
  if (process.platform !== "linux") return []; // who else tells the CPU time of another process so exactly?
  const certificate = await createCertificate();
  try {
    const workers = {};
    for (const who of ["empty", "ours", "identity"])
      workers[who] = await buildWorker(stage.dir, who);
    const over = (who) => async () => {
      const without = await cpuOf(workers.empty);
      return (await cpuOf(workers[who])) - without;
    };
    const contestants = { ours: over("ours"), identity: over("identity") };
    const by = await inTurns({ rounds: quick ? 1 : 15, warmUp: quick ? 0 : 1 }, contestants);
    return [{ what: "CPU, over an empty Worker", unit: "ms", by }];
  } finally {
    await certificate.remove();
  }

  async function cpuOf({ folder, flags }) {
    const { caFile } = certificate;
    const workerd = await startWorkerd({ worker: folder, caFile, flags });
    try {
      const answer = await (await fetch(workerd.url)).text();
      if (answer !== "ready") throw new Error(`${folder}: ${answer} ${workerd.output()}`);
      return await cpuOfProcess(workerd.pid);
    } finally {
      await workerd.stop();
    }
  }
}

/** Milliseconds of all its threads. */
async function cpuOfProcess(pid) {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = threads.map(async (thread) => {
    const schedstat = await readFile(join(`/proc/${pid}/task`, thread, "schedstat"), "utf8");
    return Number(schedstat.split(" ")[0]) / 1e6;
  });
  return (await Promise.all(times)).reduce((sum, each) => sum + each, 0);
}
