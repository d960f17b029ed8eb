// What it takes to import the package and to construct a credential: the whole run of a program that does no more, over one
// that does nothing, each beside the other.

import { spawn } from "node:child_process";
import { bundleForNode, writeProgram } from "../programs.js";
import { inTurns } from "../rounds.js";

export const title = "Start: import and construct, over an empty process";

const PYTHON =
  'from azure.identity import DeviceCodeCredential; DeviceCodeCredential(tenant_id="t")';

export async function measure({ stage, quick }) {
  const { dir, env, python } = stage;
  const how = { rounds: quick ? 1 : 21, warmUp: quick ? 0 : 2 };
  const node = (file) => run(process.execPath, [file]);
  const over = (empty, full) => async () => {
    const without = await empty();
    return (await full()) - without;
  };

  const unbundled = {};
  const bundled = {};
  const empty = await writeProgram(dir, "empty");
  for (const who of ["ours", "identity", "msal"]) {
    const [program, bundle] = [await writeProgram(dir, who), await bundleForNode(dir, who)];
    unbundled[who] = over(
      () => node(empty),
      () => node(program),
    );
    bundled[who] = over(
      () => node(empty),
      () => node(bundle),
    );
  }
  unbundled.python = over(
    () => run(python, ["-c", "pass"]),
    () => run(python, ["-c", PYTHON]),
  );
  return [
    { what: "unbundled", unit: "ms", by: await inTurns(how, unbundled) },
    { what: "bundled by esbuild", unit: "ms", by: await inTurns(how, bundled) },
  ];

  /** Milliseconds. */
  function run(command, args) {
    const began = performance.now();
    return new Promise((done, failed) => {
      const child = spawn(command, args, { cwd: dir, env, stdio: "inherit" });
      child.on("error", failed);
      child.on("exit", (code) => {
        if (code === 0) done(performance.now() - began);
        else failed(new Error(`${command} ${args} ended with ${code}`));
      });
    });
  }
}
