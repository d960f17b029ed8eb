/**
 * Draws a run as a picture for a README, legible on light and on dark:
 *
 *     node bench/chart.js RUN.json PICTURE.svg
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import * as echarts from "echarts";
import { CONTESTANTS } from "./contestants.js";
import { digits } from "./table.js";

// Which figures are drawn: a row, how the figure's name begins, and what stands above it.
const PANELS = [
  ["size", "bundled", "Bundled, gzipped"],
  ["start", "unbundled", "Import and construct"],
  ["cached", "1 token", "getToken from the cache"],
  ["pending", "of", "A pending sign-in: memory"],
  ["polling", "", "A poll: CPU"],
  ["memory", "resident", "A command line program: memory"],
];
const COLUMNS = 2;
const WIDTH = 840;
const PANEL = { width: WIDTH / COLUMNS, height: 168, left: 164, right: 72, top: 52, bottom: 14 };

// Each colour on light, and what is in its place on dark.
const COLOURS = {
  "#ffffff": "#0d1117",
  "#1f2328": "#e6edf3",
  "#59636e": "#9198a1",
  "#0969da": "#4493f8",
  "#c4ccd4": "#3d444d",
};
const [PAPER, INK, FAINT, OURS, THEIRS] = Object.keys(COLOURS);

/** Who has a figure, in the order of the columns. */
const measured = (by) => Object.keys(CONTESTANTS).filter((who) => by[who]?.median !== undefined);

/** @returns {string} the picture */
export function draw(run) {
  const panels = PANELS.map(([row, beginning, title]) => {
    const figures = run.rows.find(({ name }) => name === row)?.figures ?? [];
    return { title, ...figures.find(({ what }) => what.startsWith(beginning)) };
  }).filter(({ by }) => by);
  const height = Math.ceil(panels.length / COLUMNS) * PANEL.height + 40;
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  chart.setOption(optionsOf(panels, `${run.cpu}, ${run.cores} cores, Node ${run.node}`, height));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return withDark(svg, panels);
}

function optionsOf(panels, machine, height) {
  const place = (at) => ({
    left: (at % COLUMNS) * PANEL.width,
    top: Math.floor(at / COLUMNS) * PANEL.height,
  });
  const bars = panels.map(({ by }) => measured(by));
  const text = { color: INK, fontFamily: "system-ui, sans-serif" };
  return {
    animation: false,
    backgroundColor: PAPER,
    textStyle: text,
    title: [
      ...panels.map(({ title, unit }, at) => ({
        text: `${title}, ${unit}`,
        left: place(at).left + 14,
        top: place(at).top + 18,
        textStyle: { ...text, fontSize: 14, fontWeight: 600 },
      })),
      {
        text: `Less is better. Limit: nothing but Node. Medians of one run: ${machine}`,
        left: 14,
        top: height - 30,
        textStyle: { ...text, color: FAINT, fontSize: 12, fontWeight: 400 },
      },
    ],
    grid: panels.map((_, at) => ({
      left: place(at).left + PANEL.left,
      top: place(at).top + PANEL.top,
      width: PANEL.width - PANEL.left - PANEL.right,
      height: PANEL.height - PANEL.top - PANEL.bottom,
    })),
    xAxis: panels.map((_, at) => ({ type: "value", gridIndex: at, show: false, min: 0 })),
    yAxis: panels.map((_, at) => ({
      type: "category",
      gridIndex: at,
      inverse: true,
      data: bars[at].map((who) => CONTESTANTS[who].name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...text, fontSize: 12, interval: 0 },
    })),
    series: panels.map(({ by }, at) => ({
      type: "bar",
      silent: true,
      xAxisIndex: at,
      yAxisIndex: at,
      barMaxWidth: 14,
      data: bars[at].map((who) => ({
        value: by[who].median,
        itemStyle: { color: who === "ours" ? OURS : THEIRS },
      })),
      label: {
        ...text,
        show: true,
        position: "right",
        fontSize: 12,
        formatter: ({ value }) => digits(value),
      },
    })),
  };
}

/** The colours for dark pages, and a name for those who can't see it. */
function withDark(svg, panels) {
  const rules = Object.entries(COLOURS).map(
    ([light, dark]) =>
      `[fill="${light}" i]{fill:${dark}}[style*="fill:${light}" i]{fill:${dark}!important}`,
  );
  const style = `<style>@media (prefers-color-scheme:dark){${rules.join("")}}</style>`;
  const said = panels.map(({ title, unit, by }) => {
    const each = measured(by).map(
      (who) => `${CONTESTANTS[who].name} ${digits(by[who].median)} ${unit}`,
    );
    return `${title}: ${each.join(", ")}`;
  });
  return svg.replace(/<svg[^>]*>/, (tag) => `${tag}\n<title>${said.join(". ")}</title>\n${style}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [run, picture] = process.argv.slice(2);
  await mkdir(dirname(picture), { recursive: true });
  await writeFile(picture, draw(JSON.parse(await readFile(run, "utf8"))));
}
