/** A process that is killed anywhere in a save leaves the old cache or the new one, and is in nobody's way. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { deepEqual, equal, match, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { callsOf, sideBySide, signBothIn } from "./arrange.js";
import { ADA, BOB, CACHE, createHome, MORE, opened, PLAIN, peopleIn, SEALED } from "./homes.js";

/** How many are killed side by side. Most of them wait for a sign-in. */
const SIDE_BY_SIDE = 5;
/**
 * How often who comes after the dead may use files to get a token and save it. Whoever waits for a lock of the living looks at it
 * hundreds of times.
 */
const AT_ONCE = 100;

/** What may be done by half. */
const WRITES = ["handle.writeFile", "writeFile", "copyFile"];

/** Encrypted with a key that nobody has any more. */
const UNREADABLE = Buffer.from(
  "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
);

/**
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["start"]} place.start
 * @param {ReturnType<typeof import("./launch.js").launcher>["once"]} place.once
 * @param {string} place.root
 * @param {{env: Record<string, string>}} place.keyring
 */
export function addKilled(place) {
  const { start, once, root, keyring } = place;
  const withKeyring = { project: "keyring", env: keyring.env };

  for (const [how, persistence, settings] of /** @type {[string, any, object?][]} */ ([
    ["plain", PLAIN],
    ["sealed", SEALED],
    ["with the keyring", {}, withKeyring],
  ])) {
    test(`killed: while it replaces a cache, ${how}`, async () => {
      const { home: before, tokens } = await signBothIn(place, persistence, settings);
      const old = await readFile(before.file, "utf8");
      const read = async (home) => opened(await readFile(home.file, "utf8"), persistence);

      const victim = { ...BOB, ...MORE, persistence };
      // What protects it changes nothing about that.
      const everyMoment = persistence === PLAIN;
      await killEverywhere({ before, victim, settings, everyMoment }, async (home) => {
        if (!settings && (await readFile(home.file, "utf8")) !== old) {
          deepEqual(peopleIn(await read(home)), ["ada", "bob"]);
        }
        const next = start({ home: home.path, disk: {}, ...settings });
        for (const who of ["ada", "bob"]) {
          const { token, asked } = await next.ask({ who, persistence, silently: true });
          equal(token, tokens[who]);
          deepEqual(asked, []);
        }
        const renewed = await next.ask({ ...ADA, ...MORE, persistence, silently: true });
        isSaved(renewed, ["refresh"]);
        deepEqual(await home.left(), [CACHE]);
        for (const [errand, token] of [
          [{ ...ADA, ...MORE }, renewed.token],
          [ADA, tokens.ada],
          [BOB, tokens.bob],
        ]) {
          const found = await next.ask({ ...errand, persistence, silently: true });
          deepEqual([found.token, found.asked], [token, []], errand.who);
        }
        await next.end();
      });
    });
  }

  test("killed: while it writes the first cache", async () => {
    await killAtTheFirst(PLAIN, (text) => deepEqual(peopleIn(text), ["bob"]));
  });

  // Once the key is made, for one.
  test("killed: while it writes the first cache, with the keyring", async () => {
    const isWhole = (text) => match(text, /^eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
    await killAtTheFirst({}, isWhole, withKeyring);
  });

  async function killAtTheFirst(protection, isWhole, settings = {}) {
    const before = await createHome(root);
    // Each has its own, as all of them have one keyring.
    const persistence = () => ({ ...protection, name: crypto.randomUUID() });
    const victim = { ...BOB, persistence };
    await killEverywhere({ before, victim, settings }, async (home, { persistence }) => {
      const made = await readFile(home.file, "utf8").catch(() => undefined);
      if (made !== undefined) isWhole(made);

      const next = { home: home.path, disk: {}, ...settings };
      const outcome = await once(next, { ...ADA, persistence });
      isSaved(outcome, ["device code", "token"]);
      deepEqual(await home.left(), [basename(home.file)]);

      const last = start(next);
      for (const who of made === undefined ? ["ada"] : ["ada", "bob"]) {
        const { token, error, asked } = await last.ask({ who, persistence, silently: true });
        match(token, /^access token/, `${who}: ${error}`);
        deepEqual(asked, []);
      }
      await last.end();
    });
  }

  test("killed: while it sets aside what is unreadable", async () => {
    const persistence = SEALED;
    const before = await createHome(root);
    await mkdir(before.folder, { mode: 0o700 });
    await writeFile(before.file, UNREADABLE);
    await killEverywhere({ before, victim: { ...BOB, persistence } }, async (home) => {
      const read = async () => peopleIn(await opened(await readFile(home.file, "utf8"), SEALED));
      const isReplaced = !UNREADABLE.equals(await readFile(home.file));
      if (isReplaced) {
        deepEqual(await read(), ["bob"]);
        ok((await keptAside(home)).length > 0, "it is aside before it is replaced");
      }

      const outcome = await once({ home: home.path, disk: {} }, { ...ADA, persistence });
      const { warnings } = outcome;
      isSaved(outcome, ["device code", "token"], !isReplaced);
      const asides = await keptAside(home);
      ok(asides.length > 0, "it is aside");
      if (!isReplaced) ok(asides.some((aside) => warnings.join().includes(aside)));
      deepEqual(await home.left(), [CACHE, ...asides]);
      deepEqual(await read(), isReplaced ? ["ada", "bob"] : ["ada"]);
    });
  });

  /**
   * Lets a program get a token and save it, and die before each of the things that it does with files, half-way through what
   * it writes, and after the last. `look` then looks at the home of the dead.
   *
   * @param {object} what
   * @param {import("./homes.js").Home} what.before
   * @param {{persistence: object | (() => object)}} what.victim its errand
   * @param {object} [what.settings] for how it is started
   * @param {boolean} [what.everyMoment] after each as well, when the program has not been told
   * @param {(home: import("./homes.js").Home, errand: any) => Promise<void>} look
   */
  async function killEverywhere({ before, victim, settings, everyMoment = false }, look) {
    const { home, errand } = await arrange();
    const calls = await callsOf(place, home, errand, settings);
    ok(calls.includes("rename"), `it saves: ${calls}`);
    const deaths = calls.flatMap((name, at) => {
      const isLast = at === calls.length - 1;
      return [
        "dies before",
        ...(WRITES.includes(name) ? ["dies half-way"] : []),
        ...(everyMoment || isLast ? ["dies after"] : []),
      ].map((does) => ({ call: at + 1, name, does }));
    });
    await sideBySide(SIDE_BY_SIDE, deaths, async (death) => {
      const { home, errand } = await arrange();
      const program = start({ home: home.path, disk: { faults: [death] }, ...settings });
      const { ended, ...answer } = await program.ask(errand);
      const how = `${death.does} call ${death.call}, ${death.name}`;
      // It may die after the last thing that it does, when the token is on its way.
      equal(ended ?? (await program.ended), "SIGKILL", `${how}: ${JSON.stringify(answer)}`);
      try {
        await look(home, errand);
      } catch (error) {
        const { message } = /** @type {Error} */ (error);
        throw new Error(`${how}: ${message}; there is ${await home.left()}`, { cause: error });
      }
    });

    async function arrange() {
      const { persistence } = victim;
      const errand = {
        ...victim,
        persistence: typeof persistence === "function" ? persistence() : persistence,
      };
      const name = errand.persistence.name && `${errand.persistence.name}.nocae`;
      return { home: await createHome(root, { like: before, name }), errand };
    }
  }
}

function isSaved({ token, error, asked, warnings, calls }, expected, warns = false) {
  match(token, /^access token/, error);
  deepEqual(asked, expected);
  if (!warns) deepEqual(warnings, []);
  ok(calls > 0 && calls < AT_ONCE, `it uses files ${calls} times`);
}

/** The names of the files that hold what was unreadable. */
async function keptAside(home) {
  const asides = (await home.left()).filter((name) => name === `${CACHE}.unreadable`);
  for (const aside of asides) {
    ok(UNREADABLE.equals(await readFile(join(home.folder, aside))), `${aside} is byte for byte`);
  }
  return asides;
}
