/**
 * Measures this package and what a user could pick instead, in one run, on the same work, in turns:
 *
 *     node bench/run.js [--row NAME,…] [--quick] [--json] [--out FILE] [--tarball FILE]
 *
 * It prints tables, or JSON: medians, the quartiles as their spread, and what part of each peer's figure ours is. `--quick`
 * shows that it works: its figures are worth nothing.
 */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { createStage, versions } from "./contestants.js";
import { machine } from "./machine.js";
import { head, table } from "./table.js";

const ROWS = [
  "size",
  "cached",
  "start",
  "pending",
  "polling",
  "callers",
  "store",
  "isolate",
  "memory",
];

const { values } = parseArgs({
  options: {
    row: { type: "string", default: ROWS.join() },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    out: { type: "string" },
    tarball: { type: "string" },
  },
});

const names = values.row.split(",");
const unknown = names.find((name) => !ROWS.includes(name));
if (unknown !== undefined) {
  console.error(`There is no row ${unknown}. These are: ${ROWS.join(", ")}`);
  process.exit(1);
}
const print = (text) => values.json || console.log(text);

// With what it has started.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

const stage = await createStage({ tarball: values.tarball });
try {
  const about = { ...machine(), versions: await versions(stage), quick: values.quick };
  print(head(about));
  const rows = [];
  for (const name of names) {
    const { title, measure } = await import(`./rows/${name}.js`);
    if (values.json) console.error(title);
    const row = { name, title, figures: await measure({ stage, quick: values.quick }) };
    rows.push(row);
    print(table(row));
  }
  const run = JSON.stringify({ ...about, loadAtEnd: machine().load, rows }, null, 1);
  if (values.json) console.log(run);
  if (values.out) await writeFile(values.out, `${run}\n`);
} finally {
  await stage.remove();
}
