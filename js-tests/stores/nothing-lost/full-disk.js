/** The disk is full: who signs in gets a token, the old cache stays, and the next save has everything. */

import { execFile } from "node:child_process";
import { mkdir, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { deepEqual, equal, match, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { CACHE, createHome, homeAt, MORE, opened, PLAIN, PROTECTIONS, peopleIn } from "./homes.js";

const run = promisify(execFile);

const PAGE = 4096;
/** So many that their cache takes several pages. */
const PEOPLE = ["ada", "bob", "cleo", "dan", "eve", "fay"];
const FILLER = "filler";

/** Where these programs are. */
const LINUX = { skip: process.platform !== "linux" && "it is for Linux" };

/** A disk of 32 pages, for the folder of the caches alone. */
const MOUNT = 'mount -t tmpfs -o "size=128k,$1" none "$2" && shift 2 && exec "$@"';

/**
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["start"]} place.start
 * @param {string} place.root
 */
export function addFullDisk({ start, root }) {
  for (const [how, persistence] of Object.entries(PROTECTIONS)) {
    for (const [
      what,
      options,
      fill,
    ] of /** @type {[string, string, (disk: any) => Promise<void>][]} */ ([
      ["no room", "mode=700", (disk) => fillUp(disk, 0)],
      ["room for a lock", "mode=700", (disk) => fillUp(disk, 1)],
      ["room for half of it", "mode=700", (disk) => fillUp(disk, 2)],
      ["no room for another file", "mode=700,nr_inodes=40", fillUpWithFiles],
    ])) {
      test(`full disk: ${what}, ${how}`, LINUX, async (t) => {
        const { program, disk } = await mount(t, options);
        const crew = await assemble(program, persistence);
        const before = await readFile(disk.file);
        ok(before.length > 3 * PAGE, `${before.length} bytes`);
        await fill(disk);

        await loseNothing({
          program,
          crew,
          old: { file: disk.file, text: before, left: await disk.left() },
          left: disk.left,
          refusal: /ENOSPC/,
          makeRoom: () => clear(disk),
          read: async () => opened(await readFile(disk.file, "utf8"), persistence),
        });
        await program.end();
      });
    }
  }

  test("full disk: there never was room", LINUX, async (t) => {
    const { program, disk } = await mount(t, "mode=700");
    await fillUp(disk, 0);
    const bob = { who: "bob", persistence: PLAIN, keep: "bob" };
    const { token, warnings } = await program.ask(bob);
    match(token, /^access token/);
    match(warnings.join(), /writing the persistent token cache failed: .*ENOSPC/);
    deepEqual(await disk.left(), [FILLER]);
    await clear(disk);
    await program.ask({ ...bob, ...MORE });
    const text = await readFile(disk.file, "utf8");
    deepEqual(peopleIn(text), ["bob"]);
    ok(text.includes(token));
    await program.end();
  });

  // A limit of the system's, as a quota is one.
  test("full disk: no file may be larger than this one", LINUX, async (t) => {
    const home = await createHome(root);
    const program = start({ home: home.path });
    t.after(program.kill);
    const crew = await assemble(program, PLAIN);
    const before = await readFile(home.file);
    const limit = (size) => run("prlimit", ["--pid", `${program.pid}`, `--fsize=${size}`]);
    await limit(`${before.length}:unlimited`);
    await loseNothing({
      program,
      crew,
      old: { file: home.file, text: before, left: [CACHE] },
      left: home.left,
      refusal: /EFBIG/,
      makeRoom: () => limit("unlimited"),
      read: () => readFile(home.file, "utf8"),
    });
    await program.end();
  });

  /** A program whose folder of caches is a disk of its own. */
  async function mount(t, options) {
    const home = await createHome(root);
    await mkdir(home.folder, { mode: 0o700 });
    const program = start({
      home: home.path,
      within: (command) => [
        "unshare",
        "-rm",
        "sh",
        "-c",
        MOUNT,
        "sh",
        options,
        home.folder,
        ...command,
      ],
    });
    t.after(program.kill);
    if ((await program.ready) !== undefined) {
      const { errors } = await program.ask({});
      if (/unshare|mount/.test(errors)) t.skip(`no disk can be mounted here: ${errors.trim()}`);
      throw new Error(errors);
    }
    // It is nobody else's; but whose it is can be asked.
    return { program, disk: homeAt(join(`/proc/${program.pid}/root`, home.path)) };
  }
}

/** Signs them all in. */
async function assemble(program, persistence) {
  const crew = PEOPLE.map((who) => ({ who, persistence, keep: who }));
  for (const outcome of await Promise.all(crew.map((each) => program.ask(each)))) {
    match(outcome.token, /^access token/, outcome.error);
    deepEqual(outcome.warnings, []);
  }
  return crew;
}

/**
 * Saving fails, for one after the other; and once it doesn't, everything is there, as others find.
 *
 * @param {object} what
 * @param {import("./launch.js").Running} what.program
 * @param {{who: string, persistence: object, keep: string}[]} what.crew who are signed in
 * @param {{file: string, text: Buffer, left: string[]}} what.old what there is and stays
 * @param {() => Promise<string[]>} what.left
 * @param {RegExp} what.refusal
 * @param {() => Promise<unknown>} what.makeRoom
 * @param {() => Promise<string>} what.read
 */
async function loseNothing({ program, crew, old, left, refusal, makeRoom, read }) {
  const tokens = [];
  const renew = async (each, scope) => {
    const outcome = await program.ask({ ...each, scope });
    match(outcome.token, /^access token/, `${each.who}: ${outcome.error}`);
    deepEqual(outcome.asked, ["refresh"]);
    tokens.push([each, scope, outcome.token]);
    return outcome;
  };
  for (const scope of ["Mail.Read", "Files.Read"]) {
    await inTurn(crew, async (each) => {
      const { warnings } = await renew(each, scope);
      equal(warnings.length, 1, each.who);
      match(warnings[0], /^writing the persistent token cache failed: /);
      match(warnings[0], refusal);
      ok(old.text.equals(await readFile(old.file)), "the old file stays");
      deepEqual(await left(), old.left);
    });
  }
  await makeRoom();
  await inTurn(crew, async (each) => deepEqual((await renew(each, "Notes.Read")).warnings, []));
  const text = await read();
  deepEqual(peopleIn(text), crew.map(({ who }) => who).sort());
  deepEqual(await left(), [CACHE]);
  for (const [{ who, persistence }, scope, token] of tokens) {
    const found = await program.ask({ who, persistence, scope, silently: true });
    deepEqual([found.token, found.asked], [token, []], `${who}, ${scope}`);
  }
}

/** All of the disk but so many pages, if there is any left. */
async function fillUp({ folder }, pages) {
  const path = join(folder, FILLER);
  const filler = await open(path, "wx");
  let written = 0;
  try {
    for (; ; written += PAGE) await filler.write(Buffer.alloc(PAGE));
  } catch (error) {
    equal(error.code, "ENOSPC");
  } finally {
    await filler.close();
  }
  await truncate(path, Math.max(0, written - pages * PAGE));
}

/** All the files that it takes. */
async function fillUpWithFiles({ folder }) {
  for (let n = 0; ; n++) {
    try {
      await writeFile(join(folder, `${FILLER}-${n}`), "");
    } catch (error) {
      equal(error.code, "ENOSPC");
      return;
    }
  }
}

async function clear({ folder, left }) {
  for (const name of await left()) {
    if (name.startsWith(FILLER)) await rm(join(folder, name));
  }
}

async function inTurn(all, act) {
  for (const each of all) await act(each);
}
