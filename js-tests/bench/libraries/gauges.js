// Measures that are the same for every library on Node.

import { setTimeout as pause } from "node:timers/promises";

/**
 * Microseconds that each of many calls takes, one after the other, for at least so many milliseconds; and the requests that
 * they took all the same.
 */
export async function timeCalls(milliseconds, { call, service }) {
  const before = service.counts.requests;
  const began = performance.now();
  let calls = 0;
  let took = 0;
  // The clock is read seldom, lest it be what is measured.
  for (let more = 1; took < milliseconds; more *= 2) {
    for (let at = 0; at < more; at++) await call(calls++);
    took = performance.now() - began;
  }
  return { value: (took * 1000) / calls, requests: service.counts.requests - before };
}

/** Milliseconds that it takes once. */
export async function timeOnce(work) {
  const began = performance.now();
  await work();
  return { value: performance.now() - began };
}

/** Kilobytes that each of so many holds once all are `begun`: of the heap of JavaScript, and besides. */
export async function weigh(count, begin, begun) {
  const before = await settledMemory();
  for (let at = 0; at < count; at++) begin(at);
  while (!begun()) await pause(10);
  const after = await settledMemory();
  const each = (name) => (after[name] - before[name]) / count / 1000;
  return { heap: each("heapUsed"), besides: each("external") };
}

/** What is left when everything that can go has gone. Needs `--expose-gc`. */
async function settledMemory() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc();
    await pause(50);
  }
  return process.memoryUsage();
}

/**
 * Microseconds of CPU a poll takes, over some seconds in which flows poll that have begun already. So many polls come before:
 * they are for the compilers.
 */
export async function cpuOfPolls({ seconds, warmUp }, counts) {
  while (counts.polls < warmUp) await pause(50);
  const polls = counts.polls;
  const began = process.cpuUsage();
  await pause(seconds * 1000);
  const { user, system } = process.cpuUsage(began);
  return { value: (user + system) / (counts.polls - polls) };
}

/** The most memory that the process ever had, in megabytes. */
export function peakMemory() {
  return { value: (process.resourceUsage().maxRSS * 1024) / 1e6 };
}
