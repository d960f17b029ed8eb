/**
 * The table of faults: each kind of request meets each fault, in Node, Deno and workerd:
 *
 *     node hosts/faults/run.js [PART-OF-A-FAULT'S-NAME]
 *
 * Time is virtual, but for the faults that are real connections. Without a name, sign-ins meet odd clocks, too.
 */

import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createProject } from "../../base/runners/project.js";
import { program } from "../../base/runners/runtimes.js";
import { bundleWorker, startWorkerd } from "../workers/workerd.js";
import { COLUMNS } from "./programs/columns.js";
import { broken } from "./rules.js";
import { startSockets } from "./sockets.js";

const only = process.argv[2];

// The defaults, which nobody sets.
const VIRTUAL = {
  interval: 5000,
  life: 60_000,
  retries: 3,
  delay: 800,
  requestTimeout: 30_000,
  rests: 30_500,
};
const REAL = {
  interval: 1000,
  life: 7000,
  retries: 1,
  delay: 50,
  requestTimeout: 3000,
  rests: 0,
  isReal: true,
};

/** How many sign-ins meet odd clocks. */
const FLOWS = 500;

const project = await createProject();
const sockets = await startSockets();
const { caFile } = sockets;
const print = promisify(execFile);
const options = (env) => ({
  cwd: project.dir,
  env: { ...project.env, ...env },
  maxBuffer: 1 << 27,
  timeout: 60_000,
});

/** How each runtime is given what to do. */
const RUNTIMES = {
  async node(input) {
    const args = ["faults/process.js", JSON.stringify(input)];
    const { stdout } = await print(
      process.execPath,
      args,
      options({ NODE_EXTRA_CA_CERTS: caFile }),
    );
    return JSON.parse(stdout);
  },
  async deno(input) {
    const flags = ["--quiet", "--no-prompt", "--node-modules-dir=manual", "--allow-net"];
    const args = ["run", ...flags, `--allow-read=${project.dir}`, "faults/process.js"];
    args.push(JSON.stringify(input));
    const { stdout } = await print(program("deno"), args, options({ DENO_CERT: caFile }));
    return JSON.parse(stdout);
  },
  async workerd(input) {
    const worker = await bundleWorker({ dir: project.dir, entry: "faults/worker.js" });
    const { url, stop, output } = await startWorkerd({ worker, caFile });
    try {
      const response = await fetch(url, { method: "POST", body: JSON.stringify(input) });
      if (!response.ok) throw new Error(`${await response.text()}\n${output()}`);
      return await response.json();
    } finally {
      await stop();
    }
  },
};

let passed = 0;
let failed = 0;
const told = (what, wrong) => {
  if (wrong.length === 0) passed += 1;
  else failed += 1;
  if (wrong.length) console.log(`not ok - ${what}\n${wrong.join("\n").replace(/^/gm, "    ")}`);
};

try {
  await cp(fileURLToPath(new URL("programs", import.meta.url)), join(project.dir, "faults"), {
    recursive: true,
  });
  const rows = new Map();
  for (const [runtime, run] of Object.entries(RUNTIMES)) {
    for (const settings of [VIRTUAL, REAL]) {
      const addresses = settings.isReal && sockets.addresses;
      const input = { program: "table", settings, only, sockets: addresses };
      const { seen, timers, lag } = await run(input);
      told(`${runtime}: no timer is left`, timers === 0 ? [] : [`${timers} timers`]);
      for (const cell of seen) {
        const { fault, column, mode } = cell;
        const wrong = broken(cell, COLUMNS[column], settings, lag);
        told(`${runtime}: ${fault}, ${column}, ${mode}`, wrong);
        note(rows, runtime, cell);
      }
    }
    if (only) continue;
    const { wrong, tokens, timedOut } = await run({
      program: "clocks",
      seed: 20261124,
      flows: FLOWS,
    });
    told(`${runtime}: whatever clocks do, flows poll and end in time`, wrong.slice(0, 10));
    const often = tokens > FLOWS / 5 && timedOut > FLOWS / 5;
    told(`${runtime}: flows end in either way`, often ? [] : [`${tokens} tokens, ${timedOut} not`]);
  }
  told("no redirect is followed", sockets.wasFollowed() ? ["one was"] : []);
  show(rows);
  console.log(`${passed} passed, ${failed} failed`);
  if (failed || passed === 0) process.exitCode = 1;
} finally {
  await sockets.stop();
  await project.remove();
}

/** Adds to a row of the table what was seen in a cell. */
function note(rows, runtime, { fault, column, seen }) {
  const row = rows.get(fault) ?? rows.set(fault, {}).get(fault);
  row[column] ??= {};
  const sign = { "a token": "✓", "an error": "✗", "the token that lives": "○" };
  const text = seen ? `${seen.requests}${sign[seen.result]}` : "?";
  row[column][runtime] = [row[column][runtime], text].filter(Boolean).join(" ");
}

/** One cell for all runtimes that agree; else what each did. */
function show(rows) {
  console.log(
    "\nHow many requests, and what came of them: ✓ a token, ✗ an error, ○ the token that lives.",
  );
  console.log("First if the fault lasts, then if it comes once.\n");
  const names = Object.keys(COLUMNS);
  const lines = [...rows].map(([fault, row]) => [
    fault,
    ...names.map((name) => {
      const texts = Object.entries(row[name]);
      if (new Set(texts.map(([, text]) => text)).size === 1) return texts[0][1];
      return texts.map(([runtime, text]) => `${runtime[0]}:${text}`).join(" ");
    }),
  ]);
  const table = [["", ...names], ...lines];
  const widths = table[0].map((_, at) => Math.max(...table.map((line) => line[at].length)));
  for (const line of table) {
    console.log(
      line
        .map((text, at) => text.padEnd(widths[at]))
        .join("  ")
        .trimEnd(),
    );
  }
  console.log();
}
