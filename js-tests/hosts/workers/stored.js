/** What the Durable Objects of a Worker have stored, as it is on disk. */

import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { program } from "../../base/runners/runtimes.js";

/** Node 20, which the tests may run on, has no SQLite. */
const READER = `
  const { DatabaseSync } = require("node:sqlite");
  const objects = process.argv.slice(1).map((file) => {
    const db = new DatabaseSync(file, { readOnly: true });
    const { name } = db.prepare("SELECT name FROM sqlite_schema WHERE name = '_cf_KV'").get() ?? {};
    const rows = name ? db.prepare("SELECT key, value FROM _cf_KV").all() : [];
    return rows.map(({ key, value }) => [key, Buffer.from(value).toString("latin1")]);
  });
  console.log(JSON.stringify(objects));
`;

/**
 * @param {string} folder where the Worker's storage is
 * @returns {Promise<Record<string, string>[]>} for each object, what its keys hold
 */
export async function storedIn(folder) {
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => /^do\W.*[0-9a-f]{64}\.sqlite$/.test(file)) // not those of the rate limits
    .map((file) => join(folder, file));
  const args = ["--no-warnings", "-e", READER, ...files];
  const { stdout } = await promisify(execFile)(program("node22"), args);
  return JSON.parse(stdout).map(Object.fromEntries);
}

/**
 * Every byte on disk, what was deleted but not yet overwritten included.
 *
 * @param {string} folder
 */
export async function bytesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = files.map((file) => readFile(join(file.parentPath ?? file.path, file.name)));
  return Buffer.concat(await Promise.all(contents)).toString("latin1");
}
