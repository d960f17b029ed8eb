// Workflows run what they say and no more: actions by their commit, and no right that a job does not need.
import { readdir, readFile } from "node:fs/promises";
import { deepEqual, equal, match, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";

const FOLDER = new URL("../../../.github/workflows/", import.meta.url);

/** To say to npm and to Sigstore which workflow it is, and to keep what that says. */
const TO_PUBLISH = ["id-token: write", "attestations: write"];

export function testWorkflows() {
  /** @param {(text: string, file: string) => void} check */
  const each = async (check) => {
    const files = await readdir(FOLDER);
    ok(files.length > 0);
    for (const file of files) check(await readFile(new URL(file, FOLDER), "utf8"), file);
  };

  test("workflows name actions by their commit, one for each, and say which version that is", () =>
    each((text, file) => {
      const commits = new Map();
      const used = [...text.matchAll(/^ +(?:- )?uses: ([^@\n]*)@?(.*)$/gm)];
      // A workflow of this very repository is of this very commit.
      for (const [, action, at] of used.filter(([, name]) => !name.startsWith("./"))) {
        match(at, /^[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${file}: ${action}`);
        equal(commits.get(action) ?? at, at, `${file}: ${action}`);
        commits.set(action, at);
      }
    }));

  test("workflows have no rights but what each job asks for", () =>
    each((text, file) => {
      match(text, /^permissions: \{\}$/m, file);
      ok(!text.includes("pull_request_target"), file);
      const jobs = text.slice(text.indexOf("\njobs:\n")).split(/\n(?= {2}[\w-]+:\n)/);
      for (const job of jobs.slice(1)) {
        const [, name] = job.match(/^ {2}([\w-]+):/) ?? [];
        const [, rights = ""] = job.match(/\n {4}permissions:\n((?: {6}.*\n)+)/) ?? [];
        const granted = rights.split("\n").map((line) => line.trim());
        deepEqual(
          granted.filter((line) => line && !line.startsWith("#")),
          ["contents: read", ...(name === "publish" ? TO_PUBLISH : [])],
          `${file}: ${name}`,
        );
      }
      const checkouts = text.match(/uses: actions\/checkout@/g)?.length ?? 0;
      equal(text.match(/persist-credentials: false/g)?.length ?? 0, checkouts, file);
    }));

  test("only the job that publishes may prove who it is, and it runs none of our code", async () => {
    const text = await readFile(new URL("release.yml", FOLDER), "utf8");
    const [before, publish, ...after] = text.split(/^ {2}publish:\n/m);
    ok(publish && after.length === 0 && !before.includes("id-token"));
    ok(publish.includes("id-token: write") && !publish.includes("actions/checkout"));
  });

  test("what is said to a shell is never put together from what others wrote", () =>
    each((text, file) => {
      const inserted = [...text.matchAll(/^ +(?:- )?run:.*(?:\n {8,}.*)*/gm)].filter(([run]) =>
        run.includes("${{"),
      );
      deepEqual(inserted.map(String), [], file);
    }));
}
