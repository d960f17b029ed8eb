// The documents speak of what is there: links, paths and the map of the repository.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deepEqual, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const OURS = "https://github.com/entra-device-code/entra-device-code/";
const DOCUMENTS = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "TROUBLESHOOTING.md",
  "js-tests/README.md",
  "pkg-template/README.md",
];

export function testDocuments() {
  for (const document of DOCUMENTS) {
    test(`${document} links to what is there`, async () => {
      const text = await readFile(join(ROOT, document), "utf8");
      const missing = [];
      for (const link of links(text)) {
        const file = fileOf(link, document);
        const anchor = link.split("#")[1];
        if (file === undefined) continue;
        if (!existsSync(join(ROOT, file))) missing.push(link);
        else if (anchor && !(await anchors(file)).includes(anchor)) missing.push(link);
      }
      deepEqual(missing, []);
    });

    test(`${document} names paths that are there`, async () => {
      const text = await readFile(join(ROOT, document), "utf8");
      const named = /`((?:\.github|docs|js-tests|pkg-template|scripts|src|tests)\/[\w./-]*)`/g;
      const paths = [...text.matchAll(named)].map(([, path]) => path);
      deepEqual(
        paths.filter((path) => !existsSync(join(ROOT, path))),
        [],
      );
    });
  }

  test("the map in README.md shows what is there", async () => {
    const text = await readFile(join(ROOT, "README.md"), "utf8");
    const [, map] = text.match(/^## The map\n\n((?: {4}.*\n)+)/m) ?? [];
    ok(map, "there is no map");
    /** The folders that a line is in, by their indentation. */
    const above = [];
    const missing = [];
    for (const line of map.trimEnd().split("\n")) {
      const [, indent, entries] = line.match(/^( +)(.+?)(?: {2,}.*)?$/) ?? [];
      while (above.length > 0 && above[above.length - 1].depth >= indent.length) above.pop();
      const folder = above.map(({ name }) => name).join("");
      const names = entries.split(", ").filter((name) => !name.includes("*"));
      missing.push(
        ...names.map((name) => folder + name).filter((path) => !existsSync(join(ROOT, path))),
      );
      if (names.length === 1 && names[0].endsWith("/")) {
        above.push({ name: names[0], depth: indent.length });
      }
    }
    deepEqual(missing, []);
  });
}

/**
 * Which file of the repository a link leads to; `undefined` if it leads elsewhere.
 *
 * @param {string} link
 * @param {string} document that has it
 */
function fileOf(link, document) {
  const [path] = link.split("#");
  if (path.startsWith(OURS)) return /^(?:blob|raw)\/HEAD\/(.*)$/.exec(path.slice(OURS.length))?.[1];
  if (/^\w+:/.test(path)) return undefined;
  return path ? join(dirname(document), path) : document;
}

/** @param {string} text Markdown, whose code is left out */
function links(text) {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  const inline = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
  const html = [...prose.matchAll(/(?:src|srcset|href)="([^"]+)"/g)].map(([, link]) => link);
  return [...inline, ...html];
}

/** The anchors of a document's headings, as GitHub makes them. */
async function anchors(document) {
  const text = await readFile(join(ROOT, document), "utf8");
  return [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
