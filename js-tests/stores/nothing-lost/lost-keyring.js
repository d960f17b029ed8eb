/**
 * The keyring is gone, is locked, or has lost the key: before a program starts, or between its reading and its writing. No
 * token is on the disk for everybody to read unless that is allowed, and what is encrypted is never destroyed.
 */

import { randomBytes } from "node:crypto";
import { readdir, readFile, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { deepEqual, equal, match, notEqual, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { startKeyring } from "../../base/services/keyring.js";
import { isToken } from "./arrange.js";
import { ADA, BOB, createHome, MORE, PLAIN, peopleIn } from "./homes.js";

/** Keyrings that can't be asked, why the user is told, and how they come back. */
const ABSENCES = {
  gone: { harm: (keyring) => keyring.stopDaemon(), why: /the keyring can't be used/ },
  locked: { harm: (keyring) => keyring.lock(), why: /the keyring is locked: unlock it/ },
};
/** What may become of a key. */
const LOSSES = {
  "is deleted": ["delete"],
  "is another": ["set", randomBytes(32).toString("base64")],
  "is none": ["set", "correct horse battery staple"],
};

/**
 * @param {object} place
 * @param {ReturnType<typeof import("./launch.js").launcher>["start"]} place.start
 * @param {ReturnType<typeof import("./launch.js").launcher>["runOther"]} place.runOther
 * @param {string} place.root
 */
export function addLostKeyring({ start, runOther, root }) {
  for (const [what, { harm, why }] of Object.entries(ABSENCES)) {
    test(`keyring: it is ${what} before the program starts`, async (t) => {
      const { keyring, home, open, signIn, fileOf, isSealedAsBefore } = await arrange(t);
      const before = await signIn("old");
      await harm(keyring);

      const program = open();
      for (const name of ["old", "new"]) {
        const { error, asked } = await program.ask({ ...BOB, persistence: { name } });
        match(error, /^CredentialUnavailableError: tokens can't be stored encrypted: /);
        match(error, why);
        deepEqual(asked, []);
      }
      deepEqual(await home.left(), ["old.nocae"]);

      const allowed = { ...BOB, keep: "bob", persistence: { ...PLAIN, name: "old" } };
      const first = isToken(await program.ask(allowed));
      notEqual(first.token, before.token);
      const second = isToken(await program.ask({ ...allowed, ...MORE }));
      for (const { warnings } of [first, second]) {
        ok(warnings.length > 0 && warnings.every((line) => why.test(line)), warnings.join("\n"));
      }
      await isSealedAsBefore(before);

      // There, it is not somebody's who may be asked for the key.
      await program.ask({ ...ADA, persistence: { ...PLAIN, name: "new" } });
      deepEqual(peopleIn(await readFile(fileOf("new"), "utf8")), ["ada"]);
      deepEqual(await home.left(), ["new.nocae", "old.nocae"]);

      await keyring.stopDaemon();
      await keyring.startDaemon();
      const found = await program.ask({ ...BOB, persistence: { name: "old" }, silently: true });
      deepEqual([found.token, found.asked, found.warnings], [before.token, [], []]);
      // What could not be saved meanwhile is not lost either.
      const third = isToken(await program.ask({ ...allowed, scope: "Notes.Read" }));
      deepEqual([third.asked, third.warnings], [["refresh"], []]);
      match(await readFile(fileOf("old"), "utf8"), /^eyJ/);
      for (const [scope, { token }] of [
        [MORE.scope, second],
        ["Notes.Read", third],
      ]) {
        const errand = { ...BOB, scope, persistence: { name: "old" }, silently: true };
        equal((await program.ask(errand)).token, token, scope);
      }
      await program.end();
    });

    test(`keyring: it is ${what} when something is to be saved`, async (t) => {
      const { keyring, home, open, signIn, fileOf, isSealedAsBefore } = await arrange(t);
      const old = await Promise.all(["old strict", "old lax"].map(signIn));
      const program = open();
      const cases = [
        { name: "old strict", persistence: {} },
        { name: "old lax", persistence: PLAIN },
        { name: "new strict", persistence: {} },
        { name: "new lax", persistence: PLAIN },
      ].map(({ name, persistence }) => ({
        who: `somebody who is ${name}`,
        persistence: { ...persistence, name },
        keep: name,
        waitFor: "the end of the keyring",
      }));
      const asking = cases.map((each) => program.ask(each));
      await Promise.all(cases.map(({ who }) => program.prompted(who)));
      await harm(keyring);
      await program.ask({ command: "tell", what: "the end of the keyring" });
      const outcomes = (await Promise.all(asking)).map(isToken);
      for (const [n, { warnings }] of outcomes.entries()) {
        const { name } = cases[n].persistence;
        if (name === "new lax") {
          deepEqual(warnings, []);
          deepEqual(peopleIn(await readFile(fileOf(name), "utf8")), [cases[n].who]);
        } else {
          equal(warnings.length, 1, name);
          match(warnings[0], /^writing the persistent token cache failed: /);
          match(warnings[0], why);
        }
      }
      deepEqual(await home.left(), ["new lax.nocae", "old lax.nocae", "old strict.nocae"]);
      for (const each of old) await isSealedAsBefore(each);

      await keyring.stopDaemon();
      await keyring.startDaemon();
      for (const [n, each] of cases.entries()) {
        const { asked, warnings, token } = isToken(await program.ask({ ...each, ...MORE }));
        deepEqual([asked, warnings], [["refresh"], []]);
        const { name } = each.persistence;
        if (name !== "new lax") match(await readFile(fileOf(name), "utf8"), /^eyJ/, name);
        for (const [scope, expected] of [
          ["User.Read", outcomes[n].token],
          [MORE.scope, token],
        ]) {
          const { who, persistence } = each;
          const found = await program.ask({ who, persistence, scope, silently: true });
          deepEqual([found.token, found.asked], [expected, []], `${name}, ${scope}`);
        }
      }
      for (const { name, token } of old) {
        const found = await program.ask({ ...BOB, persistence: { name }, silently: true });
        deepEqual([found.token, found.asked], [token, []]);
      }
      await program.end();
    });
  }

  for (const [what, change] of Object.entries(LOSSES)) {
    test(`keyring: the key ${what} before the program starts`, async (t) => {
      await loseKey(t, async ({ open, isSealedAsBefore }, old, lose, ada) => {
        await lose();
        const program = open();
        const silent = await program.ask({ ...ada, silently: true });
        await isSealedAsBefore(old);
        if (what !== "is none") {
          match(silent.error, /^AuthenticationRequiredError/);
          const outcome = isToken(await program.ask(ada));
          await isSetAside(old, outcome);
          equal((await program.ask({ ...ada, silently: true })).token, outcome.token);
        } else if (old.name === "strict") {
          match(silent.error, /^CredentialUnavailableError: .*is no key/);
          equal((await program.ask(ada)).error, silent.error);
          await isSealedAsBefore(old);
        } else {
          const { warnings } = isToken(await program.ask(ada));
          ok(warnings.length === 2 && warnings.every((line) => /is no key/.test(line)));
          await isSealedAsBefore(old);
        }
        return program;
      });
    });

    test(`keyring: the key ${what} when something is to be saved`, async (t) => {
      await loseKey(t, async ({ open, isSealedAsBefore }, old, lose, ada) => {
        const program = open();
        const asking = program.ask({ ...ada, waitFor: "the loss" });
        await program.prompted("ada");
        await lose();
        await program.ask({ command: "tell", what: "the loss" });
        const outcome = isToken(await asking);
        if (what !== "is none") {
          await isSetAside(old, outcome);
          equal((await program.ask({ ...ada, silently: true })).token, outcome.token);
        } else {
          match(outcome.warnings.join(), /^writing the persistent token cache failed: .*is no key/);
          await isSealedAsBefore(old);
        }
        return program;
      });
    });

    /** For who must encrypt and for who need not: with the key, and what it is for, they get back what they had. */
    async function loseKey(t, act) {
      const arrangement = await arrange(t);
      await Promise.all(
        Object.entries({ strict: {}, lax: PLAIN }).map(async ([name, persistence]) => {
          const old = await arrangement.signIn(name);
          const key = await arrangement.key(name, "get");
          const lose = () => arrangement.key(name, ...change);
          const ada = { ...ADA, persistence: { ...persistence, name } };
          const program = await act(arrangement, old, lose, ada);

          await arrangement.key(name, "set", key);
          const [aside] = await asidesOf(old);
          if (aside) await rename(aside, old.file);
          const found = await program.ask({ ...BOB, persistence: { name }, silently: true });
          deepEqual([found.token, found.asked, found.warnings], [old.token, [], []]);
          await program.end();
        }),
      );
    }
  }

  /** A home and a keyring of a case's own. */
  async function arrange(t) {
    const [home, keyring] = await Promise.all([createHome(root), startKeyring()]);
    t.after(() => keyring.stop());
    const settings = { home: home.path, project: "keyring", env: keyring.env };
    const open = () => {
      const program = start(settings);
      t.after(program.kill);
      return program;
    };
    const fileOf = (name) => join(home.folder, `${name}.nocae`);
    return {
      keyring,
      home,
      open,
      fileOf,
      key: async (name, ...command) =>
        (await runOther(settings, "key.js", [`${name}.nocae`, ...command])).trim(),
      /** Bob, in a cache of that name. */
      async signIn(name) {
        const program = open();
        const { token } = isToken(await program.ask({ ...BOB, persistence: { name } }));
        await program.end();
        const file = fileOf(name);
        const sealed = await readFile(file);
        match(sealed.toString(), /^eyJ/);
        return { name, token, file, sealed };
      },
      async isSealedAsBefore({ file, sealed }) {
        ok(sealed.equals(await readFile(file)), "what is encrypted is as it was");
      },
    };
  }
}

/** What was there is kept beside what is new, which is encrypted too. */
async function isSetAside(old, { warnings }) {
  const [aside, ...more] = await asidesOf(old);
  deepEqual(more, []);
  ok(old.sealed.equals(await readFile(aside)), "byte for byte");
  ok(warnings.some((line) => line.includes(aside)));
  match(await readFile(old.file, "utf8"), /^eyJ/);
}

/** Whatever there is beside a file. */
async function asidesOf({ file }) {
  const names = await readdir(dirname(file));
  const beside = names.filter((name) => name.startsWith(`${basename(file)}.`));
  return beside.map((name) => join(dirname(file), name));
}
