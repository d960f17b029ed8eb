// Who is measured: this package, what a user could pick instead, and the limit, which is nothing but the runtime. Each is a
// program in a project of its own user, that does the tasks of `libraries/`.

import { spawn } from "node:child_process";
import { cp, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createProject, linkPackages } from "../base/runners/project.js";
import { preparePython } from "../peers/conformance/python.js";

const LIBRARIES = fileURLToPath(new URL("libraries", import.meta.url));
const require = createRequire(import.meta.url);

/** A task that takes longer, in milliseconds, has hung. */
const LONGEST = 600_000;

/** Whose figures stand in which column. */
export const CONTESTANTS = {
  ours: { name: "entra-device-code", program: "ours.js" },
  identity: { name: "@azure/identity", program: "azure-identity.js" },
  msal: { name: "@azure/msal-node", program: "msal-node.js" },
  python: { name: "azure-identity (Python)", program: "azure_identity.py" },
  bare: { name: "limit", program: "bare.js" },
};
/** This package once more, for counts. */
const COUNTS = { name: "entra-device-code", program: "counts.js" };
const PEERS = ["@azure/identity", "@azure/msal-node", "@azure/core-rest-pipeline"];

/**
 * @typedef {object} Stage
 * @property {string} dir the project
 * @property {Record<string, string>} env
 * @property {string} tarball
 * @property {string} python
 * @property {(who: string) => Contestant} launch a process that does tasks until it is stopped
 * @property {(who: string, task: string, input?: object) => Promise<any>} once a process for one task
 * @property {() => Promise<void>} remove
 */

/** @typedef {{ask: (task: string, input?: object) => Promise<any>, stop: () => Promise<void>}} Contestant */

/**
 * @param {object} options
 * @param {string} [options.tarball]
 * @returns {Promise<Stage>}
 */
export async function createStage({ tarball }) {
  const python = await preparePython();
  const project = await createProject({ tarball });
  const { dir, env } = project;
  await linkPackages(dir, PEERS);
  await cp(LIBRARIES, join(dir, "libraries"), { recursive: true });

  const open = (who, args) => {
    const path = join(dir, "libraries", (CONTESTANTS[who] ?? COUNTS).program);
    const command = path.endsWith(".py") ? [python] : [process.execPath, "--expose-gc"];
    const [first, ...rest] = [...command, path, ...args];
    // What it says of a failure goes where ours does.
    const stdio = /** @type {const} */ (["pipe", "pipe", "inherit"]);
    return spawn(first, rest, { cwd: dir, env, stdio });
  };
  const launch = (who) => converse(who, open(who, []));
  return {
    dir,
    env,
    tarball: project.tarball,
    python,
    launch,
    async once(who, task, input) {
      const contestant = converse(who, open(who, [JSON.stringify({ do: task, with: input })]));
      try {
        return await contestant.answer();
      } finally {
        await contestant.stop();
      }
    },
    remove: project.remove,
  };
}

function converse(who, child) {
  const closed = new Promise((resolve) => child.once("close", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);

  async function answer() {
    const late = setTimeout(kill, LONGEST);
    const { value, done } = await lines.next();
    clearTimeout(late);
    if (done) throw new Error(`${who} ended, or was ended, without an answer`);
    const result = JSON.parse(value);
    if (result.error) throw new Error(`${who}: ${result.error}`);
    return result;
  }

  return {
    answer,
    ask(task, input = {}) {
      child.stdin.write(`${JSON.stringify({ do: task, with: input })}\n`);
      return answer();
    },
    async stop() {
      kill();
      await closed;
      process.off("exit", kill);
    },
  };
}

/** What is measured, exactly. */
export async function versions({ dir, python }) {
  const read = async (path) => JSON.parse(await readFile(path, "utf8")).version;
  const requirements = new URL("../peers/conformance/requirements.txt", import.meta.url);
  const pinned = await readFile(requirements, "utf8");
  const ofPython = ["azure-identity", "msal", "msal-extensions"].map((name) => [
    `${name} (Python)`,
    pinned.match(new RegExp(`^${name}==(.*)$`, "m"))[1],
  ]);
  return {
    "entra-device-code": await read(join(dir, "node_modules", "entra-device-code", "package.json")),
    "@azure/identity": await read(require.resolve("@azure/identity/package.json")),
    "@azure/msal-node": await read(require.resolve("@azure/msal-node/package.json")),
    ...Object.fromEntries(ofPython),
    python: await pythonVersion(python),
  };
}

async function pythonVersion(python) {
  const child = spawn(python, ["-c", "import platform; print(platform.python_version())"]);
  let version = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) version += chunk;
  return version.trim();
}
