// The documents speak of what is there: links, paths and the map of the repository.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
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

  test("CONTRIBUTING.md says how long a file of src may be, and none is longer", async () => {
    const [, most] = /Files of `src\/` have (\d+) lines/.exec(
      await readFile(join(ROOT, "CONTRIBUTING.md"), "utf8"),
    );
    const names = (await readdir(join(ROOT, "src"), { recursive: true })).filter((name) =>
      name.endsWith(".rs"),
    );
    const lines = async (name) =>
      (await readFile(join(ROOT, "src", name), "utf8")).split("\n").length - 1;
    const counted = await Promise.all(names.map(async (name) => [name, await lines(name)]));
    deepEqual(
      counted.filter(([, count]) => count > Number(most)),
      [],
    );
    ok(counted.length > 50, `${counted.length} files`);
  });

  for (const document of DOCUMENTS) {
    test(`${document} names commands that are there`, async () => {
      const text = await readFile(join(ROOT, document), "utf8");
      const targets = [
        ...(await readFile(join(ROOT, "Makefile"), "utf8")).matchAll(/^([\w-]+):/gm),
      ];
      const isThere = {
        make: (name) => targets.some(([, target]) => target === name),
        node: (path) => ["js-tests", ".", ...EXAMPLES].some((from) => existsIn(from, path)),
        "cargo run --example": (name) => existsIn("examples", `${name}.rs`),
        "cargo test --test": (name) => existsIn("tests", `${name}.rs`) || existsIn("tests", name),
      };
      const missing = [];
      for (const command of commands(text)) {
        for (const [start, exists] of Object.entries(isThere)) {
          const named = new RegExp(`(?:^|\\s)${start} ([\\w./-]+)`, "g");
          for (const [, name] of command.matchAll(named)) {
            if (!name.startsWith("-") && !exists(name)) missing.push(command);
          }
        }
      }
      deepEqual(missing, []);
    });
  }

  test("the map in README.md shows what is there", async () => {
    deepEqual(
      (await readMap()).filter((path) => !existsSync(join(ROOT, path))),
      [],
    );
  });

  test("the map in README.md leaves out no room of the tests and no module of the core", async () => {
    const map = await readMap();
    const rooms = await folders("js-tests");
    const inside = await Promise.all(rooms.map((room) => folders(room.slice(0, -1))));
    const sources = await readdir(join(ROOT, "src"), { withFileTypes: true });
    const modules = sources
      .filter(({ name }) => name !== "lib.rs")
      .map((each) => `src/${each.name}${each.isDirectory() ? "/" : ""}`);
    deepEqual(
      [...rooms, ...inside.flat(), ...modules].filter((path) => !map.includes(path)),
      [],
    );
  });
}

/** Where the programs are that the package's page names. */
const EXAMPLES = ["", "mcp", "typescript"].map((name) => join("pkg-template", "examples", name));

/** @returns {Promise<string[]>} the paths that are in the map */
async function readMap() {
  const text = await readFile(join(ROOT, "README.md"), "utf8");
  const [, map] = text.match(/^## The map\n\n((?: {4}.*\n)+)/m) ?? [];
  ok(map, "there is no map");
  /** The folders that a line is in, by their indentation. */
  const above = [];
  const paths = [];
  for (const line of map.trimEnd().split("\n")) {
    const [, indent, entries] = line.match(/^( +)(.+?)(?: {2,}.*)?$/) ?? [];
    while (above.length > 0 && above[above.length - 1].depth >= indent.length) above.pop();
    const folder = above.map(({ name }) => name).join("");
    const names = entries.split(", ").filter((name) => !name.includes("*"));
    paths.push(...names.map((name) => folder + name));
    if (names.length === 1 && names[0].endsWith("/")) {
      above.push({ name: names[0], depth: indent.length });
    }
  }
  return paths;
}

/**
 * @param {string} folder
 * @returns {Promise<string[]>} the folders in it, whose files are kept
 */
async function folders(folder) {
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true });
  return entries
    .filter((each) => each.isDirectory() && each.name !== "node_modules")
    .map(({ name }) => `${folder}/${name}/`);
}

/**
 * @param {string} folder
 * @param {string} path
 */
function existsIn(folder, path) {
  return existsSync(join(ROOT, folder, path));
}

/** What a document has to type: code between backquotes, indented, or fenced for a shell. */
function commands(text) {
  const fenced = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, code]) =>
    code.split("\n"),
  );
  const prose = text.replace(/^```[\s\S]*?^```/gm, "");
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  const indented = [...prose.matchAll(/^ {4}(\S.*)$/gm)].map(([, code]) =>
    code.replace(/ # .*/, ""),
  );
  return [...fenced, ...inline, ...indented];
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
