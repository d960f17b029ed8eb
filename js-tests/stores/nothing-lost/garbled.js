/** A cache that is cut off, altered or none: nobody is served from it, whoever signs in again is kept, and it is kept too. */

import { isUtf8 } from "node:buffer";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deepEqual, equal, match, notEqual, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { isToken } from "./arrange.js";
import { harms } from "./garbage.js";
import { ADA, createHome, idOf, MORE, opened, PROTECTIONS, peopleIn } from "./homes.js";

/** In one millisecond, nothing is to overwrite what was set aside before. */
const STILL = { NODE_OPTIONS: "--import ./programs/still-clock.js" };

/**
 * @typedef {object} Slot where a cache is
 * @property {string} file
 * @property {string} [aside] how the names of what is set aside begin, beside it
 * @property {object} errand
 */

/**
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["start"]} place.start
 * @param {string} place.root
 */
export function addGarbled({ start, root }) {
  for (const [how, protection] of Object.entries(PROTECTIONS)) {
    test(`garbled: a file, ${how}`, async () => {
      const home = await createHome(root);
      await garble(home, protection, (name) => {
        const file = join(home.folder, `${name}.nocae`);
        return { file, errand: { persistence: { ...protection, name } } };
      });
    });

    for (const partitioned of [true, false]) {
      const layout = partitioned ? "an item for each account" : "one item for all";
      test(`garbled: a storage with ${layout}, ${how}`, async () => {
        const home = await createHome(root);
        const folder = join(home.path, "storage");
        const store = { kind: "storage", folder };
        await garble(home, protection, (name) => {
          const cache = `${name}.nocae`;
          const item = partitioned ? `${cache}.${encodeURIComponent(idOf(ADA.who))}` : cache;
          const errand = { persistence: { ...protection, name, partitioned }, store };
          return { file: join(folder, encodeURIComponent(item)), errand };
        });
      });
    }
  }

  test("garbled: what a plugin reads", async () => {
    const home = await createHome(root);
    const cases = await Promise.all(
      harms({ sealed: false }).map(async ([what, harm]) => {
        const folder = await mkdtemp(join(home.path, "plugin-"));
        const errand = { ...ADA, store: { kind: "plugin", folder } };
        return { what, harm, file: join(folder, "plugin"), errand };
      }),
    );
    const first = start({ home: home.path });
    await eachOf(cases, ({ errand }) => first.ask(errand).then(isToken));
    await first.end();

    const program = start({ home: home.path });
    await eachOf(cases, async ({ harm, file, errand }) => {
      const bad = Buffer.from(harm(await readFile(file, "utf8")));
      // What a plugin gives is text.
      if (!isUtf8(bad)) return;
      await writeFile(file, bad);

      const kept = { ...errand, keep: errand.store.folder };
      const again = isToken(await program.ask(kept));
      deepEqual(again.asked, ["device code", "token"]);
      equal(again.warnings.length, 2, again.warnings.join("\n"));
      match(again.warnings[1], /^writing .* failed: .*left as it is/);
      ok(bad.equals(await readFile(file)), "it is left as it is");
      deepEqual(await readdir(errand.store.folder), ["plugin"]);

      // Once somebody has cleaned up, both are kept.
      await rm(file);
      const more = isToken(await program.ask({ ...kept, ...MORE }));
      deepEqual([more.asked, more.warnings], [["refresh"], []]);
      const text = await readFile(file, "utf8");
      deepEqual(peopleIn(text), [ADA.who]);
      for (const { token } of [again, more]) ok(text.includes(token));
    });
    await program.end();
  });

  /**
   * Signs in, garbles what was written; signs in again, and again after the next garbling.
   *
   * @param {import("./homes.js").Home} home
   * @param {{encryptionKey?: string}} protection
   * @param {(name: string) => Slot} createSlot
   */
  async function garble(home, protection, createSlot) {
    const all = harms({ sealed: protection.encryptionKey !== undefined });
    const cases = all.map(([what, harm], n) => ({ what, harm, ...createSlot(`case-${n}`) }));
    const ask = (program, { errand }, more) => program.ask({ ...ADA, ...errand, ...more });

    const first = start({ home: home.path });
    /** What a reader would get if it were not garbled. */
    const tokens = new Map();
    await eachOf(cases, async (each) => {
      tokens.set(each, isToken(await ask(first, each)).token);
      equal((await ask(first, each, { silently: true })).token, tokens.get(each));
    });
    await first.end();

    const second = start({ home: home.path, env: STILL });
    await eachOf(cases, async (each) => {
      const { file, harm } = each;
      for (const spoil of [harm, (cache) => cache.slice(0, cache.length - 7)]) {
        const bad = Buffer.from(spoil(await readFile(file, "utf8")));
        // A storage holds text.
        if (each.errand.store && !isUtf8(bad)) return;
        await writeFile(file, bad);

        const silent = await ask(second, each, { silently: true });
        match(silent.error, /^AuthenticationRequiredError/);
        ok(bad.equals(await readFile(file)), "who only reads changes nothing");

        const again = isToken(await ask(second, each));
        deepEqual(again.asked, ["device code", "token"]);
        notEqual(again.token, tokens.get(each));
        tokens.set(each, again.token);
        const asides = await asidesOf(file);
        equal(asides.length, 1, "the latest");
        const [{ name, content }] = asides;
        ok(bad.equals(content), "byte for byte");
        ok(again.warnings.some((line) => line.includes(`${decodeURIComponent(name)}\``)));
        const text = await opened(await readFile(file, "utf8"), protection);
        deepEqual(peopleIn(text), [ADA.who]);
        ok(text.includes(again.token));
      }
    });
    await second.end();

    const third = start({ home: home.path });
    await eachOf(cases, async (each) => {
      const found = await ask(third, each, { silently: true });
      // Those that no storage can hold were left alone.
      deepEqual([found.token, found.asked, found.warnings], [tokens.get(each), [], []]);
    });
    await third.end();
  }
}

async function eachOf(cases, act) {
  ok(cases.length > 0);
  await Promise.all(
    cases.map(async (each) => {
      try {
        await act(each);
      } catch (error) {
        throw new Error(`${each.what}: ${error.message}`, { cause: error });
      }
    }),
  );
}

/** What was set aside of a file. */
async function asidesOf(file) {
  const folder = join(file, "..");
  const prefix = `${file.slice(folder.length + 1)}.unreadable`;
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  return Promise.all(
    names.map(async (name) => ({ name, content: await readFile(join(folder, name)) })),
  );
}
