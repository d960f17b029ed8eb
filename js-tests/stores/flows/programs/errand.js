/** What a process was started for, and how it answers. */

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import process from "node:process";
import { DeviceCodeCredential } from "entra-device-code";

/**
 * @typedef {object} Errand
 * @property {object} options of the credential
 * @property {string} scope
 * @property {string} file where the flow is kept, as JSON
 * @property {object} [record] who signed in
 * @property {object} [renew] options with which `getToken` needs a new token
 */

/** @type {Errand} */
export const errand = JSON.parse(process.argv.at(-1));

/** @param {object} [more] */
export function createCredential(more) {
  return new DeviceCodeCredential({
    ...errand.options,
    promptCallback() {
      throw new Error("nobody is to be prompted");
    },
    // What is only logged, such as a cache that could not be written, is to be seen.
    logger: (level, line) => level === "warning" && console.error(line),
    ...more,
  });
}

export function readFlow() {
  return JSON.parse(readFileSync(errand.file, "utf8"));
}

/** At once or not at all: whoever writes may be killed. */
export function writeFlow(flow) {
  const temporary = `${errand.file}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(flow), { mode: 0o600 });
  renameSync(temporary, errand.file);
}

export function answer(outcome) {
  console.log(JSON.stringify(outcome));
}
