/** The snippets of the READMEs, each a module of its own, and the TypeScript examples: what a reader copies must compile. */

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What the text around a snippet speaks of. A snippet that declares it itself means its own. */
const CONTEXT = `
import type {
  AuthenticationRecord,
  CachePersistenceOptions,
  DeviceCodeCredential,
  DeviceFlow,
} from "entra-device-code";
declare global {
  const credential: DeviceCodeCredential;
  const authenticationRecord: AuthenticationRecord | undefined;
  const cachePersistenceOptions: CachePersistenceOptions;
  const flow: DeviceFlow;
  function show(text: string): void;
  function keep(text: string): Promise<void>;
  const Bun: any;
  const Deno: any;
}
`;

/** As Deno names the package. */
const NPM = 'declare module "npm:entra-device-code" { export * from "entra-device-code"; }\n';

/**
 * Writes them to a folder.
 *
 * @param {string} folder
 * @param {string[]} readmes
 * @param {string} examples the folder of the package's
 * @returns {Promise<{typed: string[], plain: string[]}>} the files
 */
export async function writeSnippets(folder, readmes, examples) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "context.d.ts"), CONTEXT);
  await writeFile(join(folder, "npm.d.ts"), NPM);
  const files = { typed: /** @type {string[]} */ ([]), plain: /** @type {string[]} */ ([]) };
  for (const readme of readmes) {
    const text = await readFile(readme, "utf8");
    for (const [, language, code] of text.matchAll(
      /^```(js|ts|javascript|typescript)\n([\s\S]*?)^```$/gm,
    )) {
      const isTyped = language.startsWith("t");
      const list = isTyped ? files.typed : files.plain;
      const name = `snippet-${files.typed.length + files.plain.length}.${isTyped ? "ts" : "js"}`;
      await writeFile(join(folder, name), `${code}export {};\n`);
      list.push(name);
    }
  }
  for (const name of await readdir(join(examples, "typescript"))) {
    await writeFile(join(folder, name), await readFile(join(examples, "typescript", name)));
    files.typed.push(name);
  }
  // What a snippet imports from beside it.
  const entra = await readFile(join(examples, "testing", "entra.js"));
  await writeFile(join(folder, "entra.js"), entra);
  return files;
}
