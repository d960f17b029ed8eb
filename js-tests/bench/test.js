/**
 * What of the bench is asserted: that it works, and counts, which no busy machine changes. Times are never asserted.
 *
 *     node bench/test.js [PART-OF-A-NAME]
 */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { deepEqual, equal, ok } from "../base/harness/assert.js";
import { closingLine, run, test } from "../base/harness/suite.js";
import { draw } from "./chart.js";
import { createStage } from "./contestants.js";

const RUN = fileURLToPath(new URL("run.js", import.meta.url));

/** Calls from JavaScript into WebAssembly and back that a call of `getToken` may take whose token is in memory. */
const CACHED = { in: 3, out: 6 };
/** Those of a poll, and what it may ask of its host. */
const POLL = { in: 6, out: 25, timers: 2, abortControllers: 0 };

const stage = await createStage({});
const count = (task, input) => stage.once("counts", task, input);

test("a token from memory: few crossings, no request, no timer, no memory", async () => {
  const counted = await count("cached", { tokens: 0, calls: 100 });
  ok(counted.in >= 1, "the crossings are not seen");
  atMost(counted, { ...CACHED, requests: 0, timers: 0, memory: 0 });
});

test("a token from memory among many: the same", async () => {
  const alone = await count("cached", { tokens: 0, calls: 100 });
  const among = await count("cached", { tokens: 200, calls: 100 });
  deepEqual(among, alone);
});

test("a poll: few crossings, few timers", async () => {
  const counted = await count("poll", { polls: 3 });
  ok(counted.in >= 1 && counted.timers >= 1, "the crossings or the timers are not seen");
  atMost(counted, POLL);
});

test("a pending sign-in: little of WebAssembly's memory", async () => {
  const { bytes } = await count("pending", { count: 1000 });
  ok(bytes > 100, "the memory is not seen");
  atMost({ bytes }, { bytes: 5000 });
});

test("50 callers on a new credential: one prompt, two requests", async () => {
  deepEqual(await stage.once("ours", "callers", { count: 50 }), { prompts: 1, requests: 2 });
});

test("50 callers who need another token: one request", async () => {
  deepEqual(await count("renewal"), { requests: 1 });
});

for (const layout of ["items", "itemsSealed"]) {
  test(`a storage in the layout ${layout}: the others' items cost nothing`, async () => {
    const alone = await count("store", { accounts: 1, layout });
    const among = await count("store", { accounts: 50, layout });
    deepEqual([among.load, among.save], [alone.load, alone.save]);
    const { size } = alone;
    atMost(alone.load, { reads: 1, writes: 0, bytesRead: size, bytesWritten: 0 });
    // Read before it is used, and once more to be merged into.
    atMost(alone.save, { reads: 2, writes: 1, bytesRead: 2 * size, bytesWritten: size });
    equal(alone.save.writes, 1);
  });
}

for (const layout of ["whole", "wholeSealed"]) {
  test(`a storage in the layout ${layout}: read once, and written once`, async () => {
    const { size, load, save } = await count("store", { accounts: 50, layout });
    atMost(load, { reads: 1, writes: 0, bytesRead: size, bytesWritten: 0 });
    // And a third time, to see whether somebody has overwritten it.
    atMost(save, { reads: 3, writes: 1, bytesRead: 3 * size, bytesWritten: size });
    equal(save.writes, 1);
    // What JavaScript parses and encodes is the header of a seal, and replies.
    ok(size > 100_000);
    for (const counted of [load, save]) atMost(counted, { parsed: 20_000, base64: 1000 });
  });
}

// Only Linux counts what a process reads and writes where it can be read.
if (process.platform === "linux") {
  test("the shared file: read once to load; read twice and written once to save", async () => {
    const { size, load, save } = await count("file", { accounts: 200 });
    // Locks, and what is read of the machine.
    const besides = 20_000;
    atMost(load, { read: size + besides, written: besides, parsed: besides });
    atMost(save, { read: 2 * size + besides, written: size + besides, parsed: besides });
    ok(save.written >= size, `${save.written} bytes written of ${size}`);
  });
}

test("a quick run measures every figure, and is drawn", { timeout: 180_000 }, async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [RUN, "--quick", "--json", "--tarball", stage.tarball],
    { maxBuffer: 1 << 24 },
  );
  const measured = JSON.parse(stdout);
  equal(measured.rows.length, 9);
  for (const { name, figures } of measured.rows) {
    ok(figures.length > 0, name);
    for (const { what, by } of figures) {
      ok(by.ours, `${name}, ${what}: ours was not measured`);
      for (const [who, { failed }] of Object.entries(by))
        equal(failed, undefined, `${who}, ${what}`);
    }
  }
  const picture = draw(measured);
  for (const text of ["<svg", "@azure/identity", "prefers-color-scheme"]) {
    ok(picture.includes(text), text);
  }
});

function atMost(counted, limits) {
  for (const [name, limit] of Object.entries(limits)) {
    // What was not counted is no number, and not below a limit.
    ok(counted[name] <= limit, `${name}: ${counted[name]}, more than ${limit}`);
  }
}

try {
  const summary = await run({ concurrency: 1, only: process.argv[2] });
  console.log(closingLine(summary));
  if (summary.failed) process.exitCode = 1;
} finally {
  await stage.remove();
}
