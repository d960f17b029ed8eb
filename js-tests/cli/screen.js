/** What a terminal shows, read from what was written to it; and a drawing of that. */

// A control sequence (ECMA-48), one to the terminal itself, or a character.
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are
const PARTS = /\x1b\[([?\d;]*)([A-Za-z])|\x1b\][^\x07]*\x07|\x1b.|[\s\S]/gu;

/**
 * @typedef {{char: string, bold: boolean, colour: "" | "magenta" | "qr"}} Cell
 */

/**
 * @param {string} written
 * @param {number} columns
 * @returns {Cell[][]} lines
 */
export function readScreen(written, columns) {
  /** @type {Cell[][]} */
  const lines = [[]];
  let style = { bold: false, colour: "" };
  let [x, y] = [0, 0];
  const down = () => {
    y += 1;
    lines[y] ??= [];
  };
  for (const [part, numbers, final] of written.matchAll(PARTS)) {
    if (final === "K") lines[y].length = Math.min(lines[y].length, x);
    else if (final === "m") style = styleOf(numbers);
    else if (part === "\r") x = 0;
    else if (part === "\b") x -= 1;
    else if (part === "\n") down();
    else if (part >= " ") {
      if (x === columns) {
        x = 0;
        down();
      }
      while (lines[y].length < x) lines[y].push({ char: " ", bold: false, colour: "" });
      lines[y][x] = /** @type {Cell} */ ({ char: part, ...style });
      x += 1;
    }
  }
  while (lines.length > 0 && lines[lines.length - 1].length === 0) lines.pop();
  return lines;
}

/** The styles that the program uses. */
function styleOf(numbers) {
  const codes = numbers.split(";");
  if (codes.includes("48")) return { bold: false, colour: "qr" };
  return { bold: codes.includes("1"), colour: codes.includes("35") ? "magenta" : "" };
}

const [CELL_WIDTH, CELL_HEIGHT, MARGIN] = [8, 18, 16];

const STYLE = `
    .back { fill: #ffffff; stroke: #d0d7de }
    text { font: 13px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre }
    .bold { font-weight: bold }
    .magenta { fill: #8a2be2 }
    .rule { stroke: #d0d7de }
    .light { fill: #ffffff }
    .dark { fill: #000000 }
    @media (prefers-color-scheme: dark) {
      .back { fill: #0d1117; stroke: #3d444d }
      text { fill: #e6edf3 }
      .magenta { fill: #d2a8ff }
      .rule { stroke: #3d444d }
    }`;

/**
 * Screens, one below the other, as SVG that can be read on light and on dark.
 *
 * @param {Cell[][][]} screens
 * @param {number} columns
 * @param {string} title
 */
export function drawScreens(screens, columns, title) {
  const width = columns * CELL_WIDTH + 2 * MARGIN;
  let y = MARGIN;
  const drawn = [];
  screens.forEach((screen, at) => {
    if (at > 0) {
      drawn.push(`<line class="rule" x1="0" x2="${width}" y1="${y + 8}" y2="${y + 8}"/>`);
      y += 20;
    }
    for (const line of screen) {
      drawn.push(...drawLine(line, y));
      y += CELL_HEIGHT;
    }
  });
  const height = y + MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
  <title>${escaped(title)}</title>
  <style>${STYLE}
  </style>
  <rect class="back" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
  ${drawn.join("\n  ")}
</svg>
`;
}

/**
 * @param {Cell[]} line
 * @param {number} y
 */
function drawLine(line, y) {
  const drawn = [];
  for (let from = 0; from < line.length; ) {
    const { bold, colour } = line[from];
    let to = from;
    while (to < line.length && line[to].bold === bold && line[to].colour === colour) to += 1;
    const text = line.slice(from, to).map(({ char }) => char);
    const x = MARGIN + from * CELL_WIDTH;
    if (colour === "qr") drawn.push(drawModules(text, x, y));
    else if (text.join("").trim()) {
      const names = [bold && "bold", colour].filter(Boolean).join(" ");
      const style = names && ` class="${names}"`;
      const length = text.length * CELL_WIDTH;
      drawn.push(
        `<text x="${x}" y="${y + 13}" textLength="${length}"${style}>${escaped(text.join(""))}</text>`,
      );
    }
    from = to;
  }
  return drawn;
}

/**
 * A QR code's blocks as areas, without gaps between the lines.
 *
 * @param {string[]} blocks
 * @param {number} x
 * @param {number} y
 */
function drawModules(blocks, x, y) {
  const half = CELL_HEIGHT / 2;
  const dark = blocks.flatMap((block, at) => {
    const left = x + at * CELL_WIDTH;
    const area = (top, height) => `M${left} ${top}h${CELL_WIDTH}v${height}h-${CELL_WIDTH}z`;
    if (block === "█") return [area(y, CELL_HEIGHT)];
    if (block === "▀") return [area(y, half)];
    return block === "▄" ? [area(y + half, half)] : [];
  });
  const width = blocks.length * CELL_WIDTH;
  const light = `<rect class="light" x="${x}" y="${y}" width="${width}" height="${CELL_HEIGHT}"/>`;
  return `<g shape-rendering="crispEdges">${light}<path class="dark" d="${dark.join("")}"/></g>`;
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
