// A run, for people.

import { CONTESTANTS } from "./contestants.js";

export function head({ date, cpu, cores, memory, system, node, load, versions, quick }) {
  const measured = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}: ${cpu}, ${cores} cores, ${memory} GB, ${system}, Node ${node}`,
    measured.join(", "),
    ...(load > cores / 2 ? [`The machine is busy (load ${load}): don't trust the times.`] : []),
    ...(quick ? ["A quick run: don't trust anything."] : []),
    "Medians (quartiles). After × stands what part of the figure ours is.",
  ].join("\n");
}

export function table({ title, figures }) {
  const present = (who) => figures.some(({ by }) => by[who]);
  const columns = Object.keys(CONTESTANTS).filter(present);
  const names = columns.map((who) => CONTESTANTS[who].name);
  const lines = figures.map(({ what, unit, by }) =>
    line([unit ? `${what}, ${unit}` : what, ...columns.map((who) => cell(by, who))]),
  );
  const failures = figures.flatMap(({ what, by }) =>
    columns
      .filter((who) => by[who]?.failed)
      .map((who) => `${CONTESTANTS[who].name} fails, ${what}: ${by[who].failed.split("\n", 1)}`),
  );
  const rule = `|---|${"--:|".repeat(columns.length)}`;
  return ["", line([title, ...names]), rule, ...lines, ...failures].join("\n");
}

function line(cells) {
  return `| ${cells.join(" | ")} |`;
}

function cell(by, who) {
  if (!by[who]) return "";
  if (by[who].failed) return "fails";
  const { median, low, high } = by[who];
  const spread = low === high ? "" : ` (${digits(low)}–${digits(high)})`;
  // Noise may make a difference negative.
  const comparable = who !== "ours" && median > 0 && by.ours.median > 0;
  const ratio = comparable ? ` ×${digits(by.ours.median / median)}` : "";
  return `${digits(median)}${spread}${ratio}`;
}

/** Three of them that count. */
export function digits(value) {
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Number.isInteger(value) ? 0 : Math.min(places, 6));
}
