/** The file of a cache, with a stand-in for the core. */

import { randomBytes } from "node:crypto";
import { unlinkSync, writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { deepEqual, equal, match, ok, rejects } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { arrangeFiles, changes, folder, lockOfDeadProcess, wrapped } from "./arrange.js";

const PLAIN = { allowUnencryptedStorage: true };
const encryptionKey = new Uint8Array(randomBytes(32));

test("store: what is saved is loaded, with and without CAE apart", async () => {
  const { files, name, left } = arrangeFiles();
  equal(await files.load(false), "");
  await files.save(false, changes("a"));
  await files.save(true, changes("b"));
  equal(await files.load(false), '{"a":1}');
  equal(await files.load(true), '{"b":1}');
  deepEqual(await left(), [`${name}.cae`, `${name}.nocae`]);
});

test("store: is for the user alone", { serial: true }, async (t) => {
  const home = process.env.HOME;
  t.after(() => {
    process.env.HOME = home;
  });
  process.env.HOME = await folder(t);
  const { files, path } = arrangeFiles();
  await files.save(false, changes("a"));
  equal((await fs.stat(dirname(path))).mode & 0o777, 0o700);
  equal((await fs.stat(path)).mode & 0o777, 0o600);
  // What is there already is the user's business.
  await fs.chmod(dirname(path), 0o755);
  await fs.chmod(path, 0o644);
  await files.save(false, changes("b"));
  equal((await fs.stat(dirname(path))).mode & 0o777, 0o755);
  equal((await fs.stat(path)).mode & 0o777, 0o600);
});

test("store: nothing is lost among many who write at once", async () => {
  const { open, path } = arrangeFiles();
  const keys = Array.from({ length: 12 }, (_, n) => `key ${n}`);
  await Promise.all(keys.map((key) => open().save(false, changes(key))));
  deepEqual(Object.keys(JSON.parse(await fs.readFile(path, "utf8"))).sort(), keys.sort());
});

test("store: a reader sees the old file or the new one", async () => {
  const { files, path } = arrangeFiles();
  await files.save(false, changes("n", "x".repeat(300_000)));
  let writing = true;
  let reads = 0;
  const reading = (async () => {
    for (; writing; reads++) JSON.parse(await fs.readFile(path, "utf8"));
  })();
  for (let n = 0; n < 10; n++) await files.save(false, changes("n", String(n).repeat(300_000)));
  writing = false;
  await reading;
  ok(reads > 10, `${reads} reads`);
});

test("store: what is saved already is not written again", async () => {
  const { files, path } = arrangeFiles();
  await files.save(false, changes("a"));
  const { ino } = await fs.stat(path);
  await files.save(false, changes("a"));
  equal((await fs.stat(path)).ino, ino);
});

test("store: its time is when it came, as Python goes by that", { serial: true }, async (t) => {
  const { files, path } = arrangeFiles();
  wrapped(t, "rename", async (rename, from, to) => {
    await fs.utimes(from, 0, 0);
    await rename(from, to);
  });
  await files.save(false, changes("a"));
  ok(Math.abs((await fs.stat(path)).mtimeMs - Date.now()) < 2000);
});

for (const half of ['{"a":', ""]) {
  test(`store: ${half || "nothing yet"} of what Python writes is read again`, async () => {
    const { files, path } = arrangeFiles();
    await files.save(false, changes("b"));
    await fs.writeFile(`${path}.lockfile`, "1 python");
    await fs.writeFile(path, half);
    setTimeout(async () => {
      await fs.writeFile(path, '{"a":1}');
      await fs.unlink(`${path}.lockfile`);
    }, 300);
    equal(await files.load(false), '{"a":1}');
  });
}

for (const half of ['{"b":', ""]) {
  test(`store: ${half || "nothing yet"} is read again though no lock is seen: Python's may have lost its name`, async () => {
    const { files, path } = arrangeFiles();
    await files.save(false, changes("b"));
    const rewrite = async () => {
      await fs.writeFile(path, half);
      setTimeout(() => writeFileSync(path, '{"theirs":1}'), 400);
    };
    await rewrite();
    equal(await files.load(false), '{"theirs":1}');
    await rewrite();
    await files.save(false, changes("a"));
    deepEqual(JSON.parse(await fs.readFile(path, "utf8")), { theirs: 1, a: 1 });
  });
}

test("store: an empty file is none: Python on macOS only marks the time with it", async () => {
  const { files, path } = arrangeFiles();
  await files.save(false, changes("b"));
  await fs.writeFile(path, "");
  equal(await files.load(false), "");
  await files.save(false, changes("a"));
  equal(await fs.readFile(path, "utf8"), '{"a":1}');
});

test("store: what can't be read is set aside", async () => {
  const { files, path, left, log, name } = arrangeFiles();
  await files.save(false, changes("b"));
  await fs.writeFile(path, "{ half");
  equal(await files.load(false), "{ half");
  await files.save(false, changes("a"));
  equal(await fs.readFile(path, "utf8"), '{"a":1}');
  const [, aside, ...more] = await left();
  deepEqual(more, []);
  match(aside, new RegExp(`^${name}.nocae.unreadable$`));
  equal(await fs.readFile(join(dirname(path), aside), "utf8"), "{ half");
  const [[level, line]] = log.filter(([each]) => each === 0);
  equal(level, 0);
  ok(line.includes(path) && line.includes(aside) && line.includes("it is no JSON"), line);
  ok(!line.includes("half"), line);
});

test("store: what is set aside is one copy, for the user alone, and goes with a sign-out", async () => {
  const { files, path, left, name } = arrangeFiles();
  const aside = `${path}.unreadable`;
  await files.save(false, changes("b"));
  for (const garbage of ["{ one", "{ other"]) {
    await fs.writeFile(path, garbage);
    await fs.chmod(path, 0o644);
    await files.save(false, changes("a"));
    equal(await fs.readFile(aside, "utf8"), garbage);
    equal((await fs.stat(aside)).mode & 0o777, 0o600);
    deepEqual(await left(), [`${name}.nocae`, `${name}.nocae.unreadable`]);
  }
  await files.save(false, { ...changes("a"), accounts: () => [], signedOut: "ada" });
  deepEqual(await left(), [`${name}.nocae`]);
  equal(await fs.readFile(path, "utf8"), '{"a":1}');
});

test("store: a sign-out where nothing is kept makes nothing", { serial: true }, async (t) => {
  const { HOME } = process.env;
  t.after(() => {
    process.env.HOME = HOME;
  });
  process.env.HOME = await folder(t);
  const { files } = arrangeFiles();
  await files.save(false, { ...changes("a"), accounts: () => [], signedOut: "ada" });
  deepEqual(await fs.readdir(process.env.HOME), []);
});

test("store: whether it could be saved is tried, and changes nothing", {
  serial: true,
}, async (t) => {
  const { files, path, left } = arrangeFiles();
  await files.tryToSave(false);
  deepEqual(await left(), []);
  await files.save(false, changes("a"));
  await files.tryToSave(false);
  equal(await fs.readFile(path, "utf8"), '{"a":1}');
  equal((await left()).length, 1);
  wrapped(t, "open", async (open, file, ...more) => {
    if (/nocae\.[\da-f-]{36}\.tmp$/.test(file)) {
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    }
    return open(file, ...more);
  });
  await rejects(files.tryToSave(false), { message: /ENOSPC/ });
  equal((await left()).length, 1);
});

test("store: a failure of the core is no reason to set anything aside", async () => {
  const { files, path, left } = arrangeFiles();
  await files.save(false, changes("b"));
  const merge = () => {
    throw new Error("out of memory");
  };
  await rejects(files.save(false, { merge }), { message: /out of memory/ });
  equal((await left()).length, 1);
  equal(await fs.readFile(path, "utf8"), '{"b":1}');
});

test("store: what Windows encrypted for Python is left alone", async () => {
  const { files, path } = arrangeFiles();
  await files.save(false, changes("b"));
  const theirs = Buffer.concat([
    Buffer.from("01000000d08c9ddf0115d1118c7a00c04fc297eb", "hex"),
    randomBytes(99),
  ]);
  await fs.writeFile(path, theirs);
  const refusal = { name: "CredentialUnavailableError", message: /choose another `name`/ };
  await rejects(files.load(false), refusal);
  await rejects(files.save(false, changes("a")), refusal);
  ok(theirs.equals(await fs.readFile(path)));
});

test("store: a link stays a link", async (t) => {
  const { files, path, left } = arrangeFiles();
  const elsewhere = join(await folder(t), "tokens.json");
  await fs.mkdir(dirname(path), { recursive: true });
  await fs.symlink(elsewhere, path);
  for (const [key, expected] of [
    ["a", '{"a":1}'],
    ["b", '{"a":1,"b":1}'],
  ]) {
    await files.save(false, changes(key));
    equal(await fs.readlink(path), elsewhere);
    equal(await fs.readFile(elsewhere, "utf8"), expected);
  }
  equal(await files.load(false), '{"a":1,"b":1}');
  deepEqual(await fs.readdir(dirname(elsewhere)), ["tokens.json"]);
  equal((await left()).length, 1);
});

test("store: what others died over is removed, and nothing else", async () => {
  const { files, path, left, name } = arrangeFiles();
  await files.save(false, changes("b"));
  const id = crypto.randomUUID();
  const stay = [`${path}.backup`, `${path}.unreadable`, `${path}.x.${id}.tmp`];
  for (const each of [`${path}.${id}.tmp`, `${path}.lockfile.${id}.tmp`, ...stay]) {
    await fs.writeFile(each, "half");
  }
  await files.save(false, changes("a"));
  const names = stay.map((each) => each.slice(path.length));
  deepEqual(await left(), [`${name}.nocae`, ...names.map((each) => `${name}.nocae${each}`)].sort());
});

test("store: with a key, it is encrypted, and what was plain becomes so", async () => {
  const { open, path } = arrangeFiles();
  await open().save(false, changes("a", "secret"));
  const files = open({ encryptionKey });
  equal(await files.load(false), '{"a":"secret"}');
  await files.save(false, changes("b"));
  match(await fs.readFile(path, "utf8"), /^eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
  equal(await files.load(false), '{"a":"secret","b":1}');
});

test("store: of several keys the first seals, and all of them open", async () => {
  const { open, path, log } = arrangeFiles({});
  const [older, newer] = [encryptionKey, new Uint8Array(randomBytes(32))];
  await open({ encryptionKey: older }).save(false, changes("a"));
  const both = open({ encryptionKey: [newer, older] });
  equal(await both.load(false), '{"a":1}');
  await both.save(false, changes("b"));
  const loaded = '{"a":1,"b":1}';
  equal(await open({ encryptionKey: newer }).load(false), loaded);
  equal(await open({ encryptionKey: [older, newer] }).load(false), loaded);
  await rejects(open({ encryptionKey: older }).load(false), { message: /another key/ });
  const text = await fs.readFile(path, "utf8");
  await fs.writeFile(path, text.slice(0, -30));
  await rejects(both.load(false), { message: /was altered|cut off/ });
  deepEqual(log, []);
});

test("store: with a key, what is not encrypted is not believed", async () => {
  const { open, path, log, left } = arrangeFiles({});
  const planted = '{"planted":1}';
  await open({ ...PLAIN }).save(false, changes("planted"));
  const files = open({ encryptionKey });
  await rejects(files.load(false), {
    message: /is not encrypted.*`allowUnencryptedStorage: true`/,
  });
  await files.save(false, changes("a"));
  equal(await files.load(false), '{"a":1}');
  equal(await fs.readFile(`${path}.unreadable`, "utf8"), planted);
  equal((await left()).length, 2);
  ok(log.some(([level, line]) => level === 0 && line.includes("is not encrypted")));
  // By giving both, somebody says that it is theirs.
  await fs.writeFile(path, planted);
  const migrating = open({ ...PLAIN, encryptionKey });
  equal(await migrating.load(false), planted);
  await migrating.save(false, changes("a"));
  equal(await files.load(false), '{"planted":1,"a":1}');
});

test("store: with another key, it can't be read, and is set aside when something is saved", async () => {
  const { open, left } = arrangeFiles({ ...PLAIN, encryptionKey });
  await open().save(false, changes("a"));
  const files = open({ encryptionKey: new Uint8Array(randomBytes(32)) });
  await rejects(files.load(false), { message: /can't be opened: .*another key/ });
  equal((await left()).length, 1);
  await files.save(false, changes("b"));
  equal(await files.load(false), '{"b":1}');
  equal((await left()).length, 2);
});

test("store: encrypted in a VM's context, as test frameworks have them, whose Uint8Array is another", async () => {
  const { name, files } = arrangeFiles({ encryptionKey });
  const path = fileURLToPath(new URL("../../../pkg/stores.cjs", import.meta.url));
  const context = vm.createContext({ crypto, TextDecoder, TextEncoder, atob, btoa });
  const wrapper = vm.runInContext(`(module, require) => {${await fs.readFile(path)}\n}`, context);
  const module = { exports: {} };
  wrapper(module, createRequire(import.meta.url));
  const persistence = { place: "files", name, encryptionKey };
  const there = module.exports.openStore(persistence, { log() {} });
  await there.save(false, changes("a"));
  equal(await there.load(false), '{"a":1}');
  equal(await files.load(false), '{"a":1}');
});

test("store: encrypted by others, it is left alone by who has no key", async () => {
  const { open, path, left } = arrangeFiles({ encryptionKey });
  await open().save(false, changes("a"));
  const sealed = await fs.readFile(path, "utf8");
  const files = open({ ...PLAIN, encryptionKey: undefined });
  const refusal = {
    name: "Error",
    message: /is encrypted, and `@napi-rs\/keyring` is not installed/,
  };
  await rejects(files.load(false), refusal);
  await rejects(files.save(false, changes("b")), refusal);
  equal(await fs.readFile(path, "utf8"), sealed);
  equal((await left()).length, 1);
});

test("store: without a keyring, it must be allowed to be plain, even to be read", async () => {
  const { open, path, left } = arrangeFiles();
  const refusal = {
    name: "CredentialUnavailableError",
    message: /@napi-rs\/keyring.*is not installed/,
  };
  const files = open({ allowUnencryptedStorage: false });
  await rejects(files.load(false), refusal);
  await rejects(files.save(false, changes("a")), refusal);
  await open().save(false, changes("a"));
  await rejects(files.load(false), refusal);
  await rejects(files.save(false, changes("b")), refusal);
  equal(await fs.readFile(path, "utf8"), '{"a":1}');
  equal((await left()).length, 1);
});

test("store: who loses the lock before the end reads and merges again", async () => {
  const { files, path } = arrangeFiles();
  await files.save(false, changes("a"));
  const ours = changes("b");
  let robbed = false;
  await files.save(false, {
    merge(text) {
      if (!robbed) {
        robbed = true;
        // Somebody thought that the lock was stale, and was quick.
        unlinkSync(`${path}.lockfile`);
        writeFileSync(path, '{"a":1,"theirs":1}');
      }
      return ours.merge(text);
    },
  });
  equal(ours.merges, 2);
  deepEqual(JSON.parse(await files.load(false)), { a: 1, theirs: 1, b: 1 });
});

test("store: who was stopped just before the end does no harm", { serial: true }, async (t) => {
  const { files, open, path, left } = arrangeFiles();
  await files.save(false, changes("a"));
  let stopped = false;
  wrapped(t, "rename", async (rename, from, to) => {
    if (to === path && !stopped) {
      stopped = true;
      await fs.writeFile(`${path}.lockfile`, await lockOfDeadProcess());
      await open().save(false, changes("theirs"));
    }
    await rename(from, to);
  });
  await files.save(false, changes("b"));
  deepEqual(JSON.parse(await files.load(false)), { a: 1, theirs: 1, b: 1 });
  equal((await left()).length, 1);
});

for (const [what, method] of [
  ["written", "writeFile"],
  ["flushed", "sync"],
]) {
  test(`store: a file that can't be ${what} leaves the old one`, { serial: true }, async (t) => {
    const { files, path, left } = arrangeFiles();
    await files.save(false, changes("a"));
    wrapped(t, "open", async (open, ...args) => {
      const file = await open(...args);
      if (String(args[0]).endsWith(".tmp")) {
        file[method] = async () => {
          throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        };
      }
      return file;
    });
    await rejects(files.save(false, changes("b")), { message: /ENOSPC/ });
    equal(await fs.readFile(path, "utf8"), '{"a":1}');
    equal((await left()).length, 1);
  });
}

test("store: a file that somebody reads is renamed a little later", { serial: true }, async (t) => {
  const { files, path } = arrangeFiles();
  await files.save(false, changes("a"));
  let refusals = 0;
  wrapped(t, "rename", async (rename, from, to) => {
    if (to === path && ++refusals <= 3) {
      throw Object.assign(new Error("EPERM: operation not permitted, rename"), { code: "EPERM" });
    }
    await rename(from, to);
  });
  await files.save(false, changes("b"));
  equal(await fs.readFile(path, "utf8"), '{"a":1,"b":1}');
});

test("store: a folder that can't be written is read", { serial: true }, async (t) => {
  const { files, path, left } = arrangeFiles();
  await files.save(false, changes("a"));
  wrapped(t, "open", async (open, name, flags, ...more) => {
    if (flags !== undefined && flags !== "r") {
      throw Object.assign(new Error(`EROFS: read-only file system, open '${name}'`), {
        code: "EROFS",
      });
    }
    return open(name, flags, ...more);
  });
  equal(await files.load(false), '{"a":1}');
  await rejects(files.save(false, changes("b")), { message: /EROFS: read-only file system/ });
  equal(await fs.readFile(path, "utf8"), '{"a":1}');
  equal((await left()).length, 1);
});

test("store: a file that may not be read is no store", { serial: true }, async (t) => {
  const { files } = arrangeFiles();
  await files.save(false, changes("a"));
  wrapped(t, "readFile", async () => {
    throw Object.assign(new Error("EACCES: permission denied, open"), { code: "EACCES" });
  });
  await rejects(files.load(false), { name: "CredentialUnavailableError", message: /EACCES/ });
});
