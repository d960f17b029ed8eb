/**
 * Loaded before a program on Node: counts what it does with the caches' files through `node:fs/promises`, and has it die or
 * fail there. The variable DISK holds, in JSON:
 *
 *     trace    the file that gets the name of each call, a line each
 *     faults   [{call, name, does}]: of the call with that number, from 1; or of each of that name; or of all. It "dies before",
 *              "dies after", "dies half-way" (of what it writes), "stops before" (until it is told to continue), "hangs", or
 *              fails with an error's code
 */

import { appendFileSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import fs from "node:fs/promises";
import process from "node:process";

const FOLDER = ".IdentityService";

/** What a crash leaves of what is written. */
const BY_HALF = {
  "handle.writeFile": (handle, content) => writeSync(handle.fd, half(content)),
  writeFile: (path, content, options) => writeFileSync(path, half(content), options),
  copyFile: (from, to) => writeFileSync(to, half(readFileSync(from))),
};

const disk = JSON.parse(process.env.DISK ?? "{}");
/** With `calls`, how many there were. */
globalThis.__disk = Object.assign(disk, { calls: 0 });

for (const [name, real] of Object.entries(fs)) {
  if (typeof real !== "function") continue;
  fs[name] = (...args) => {
    const path = args.filter((each) => typeof each === "string").join(" ");
    if (!path.includes(FOLDER)) return real(...args);
    const act = async () => {
      const result = await real(...args);
      return name === "open" ? watched(result) : result;
    };
    return step(name, act, () => BY_HALF[name]?.(...args));
  };
}

/** A file that is open: what is done with it counts too. */
function watched(handle) {
  for (const name of [
    "writeFile",
    "sync",
    "datasync",
    "chmod",
    "read",
    "readFile",
    "write",
    "close",
  ]) {
    const real = handle[name].bind(handle);
    const call = `handle.${name}`;
    handle[name] = (...args) =>
      step(
        call,
        () => real(...args),
        () => BY_HALF[call]?.(handle, ...args),
      );
  }
  return handle;
}

async function step(name, act, actByHalf) {
  disk.calls += 1;
  const call = disk.calls;
  if (disk.trace) appendFileSync(disk.trace, `${name}\n`);
  const does = disk.faults?.find(
    (fault) => (fault.call ?? call) === call && (fault.name ?? name) === name,
  )?.does;
  switch (does) {
    case undefined:
      return act();
    case "dies before":
      return die();
    case "dies half-way":
      actByHalf();
      return die();
    case "dies after":
      await act().catch(() => {});
      return die();
    case "stops before":
      writeSync(1, `${JSON.stringify({ event: "stops" })}\n`);
      process.kill(process.pid, "SIGSTOP");
      return act();
    case "hangs":
      return new Promise(() => {});
    default:
      throw Object.assign(new Error(`${does}: the disk is out of order, ${name}`), { code: does });
  }
}

function half(content) {
  const bytes = Buffer.from(content);
  return bytes.subarray(0, bytes.length / 2);
}

function die() {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
}
