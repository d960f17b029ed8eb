/** The program of runtimes with a process (Node, Deno, Bun): runs the suite, leaves its outcome as the exit code. */

import "./suite-files.js"; // written by the runner: one import per suite file
import { testServers } from "./servers.js";
import { run } from "./suite.js";

// A rejection that nobody handles is somebody's mistake. It fails the run, but must not cut the other cases off.
let unhandled = 0;
process.on("unhandledRejection", (reason) => {
  unhandled += 1;
  console.log("not ok - unhandled rejection:", reason);
});

const summary = await run({ only: testServers().only });
const { passed, skipped } = summary;
const failed = summary.failed + unhandled;
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed ? 1 : 0;

// Nothing may keep the process alive now. If something does, say so instead of waiting for it.
const straggler = setTimeout(() => {
  console.log("not ok - the process was kept alive for 10 s after the last case");
  process.exit(1);
}, 10_000);
typeof straggler === "number" ? Deno.unrefTimer(straggler) : straggler.unref();
