import { bundleWorker, startWorkerd } from "../../hosts/workers/workerd.js";
import { runByRequest } from "./request.js";

/** @type {import("./run.js").Runner} */
export async function run({ dir, servers, testServers }) {
  const worker = await bundleWorker({ dir, entry: "base/harness/worker-entry.js" });
  const { url, stop } = await startWorkerd({ worker, caFile: servers.certificate.caFile });
  try {
    return await runByRequest(url, testServers);
  } finally {
    await stop();
  }
}
