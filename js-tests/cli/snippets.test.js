/**
 * What the package's README says to type into a shell, typed as it is, and its programs that keep a sign-in in a file. npm links what is installed here, `curl` prints what it is
 * told, wrangler deploys nothing; the program is the packed one, with a keyring.
 */

import { chmod, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { equal, match, ok } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { program } from "../base/runners/runtimes.js";
import { startKeyring } from "../base/services/keyring.js";
import { ADA, atHome, BOB } from "./home.js";
import { follow, place, start } from "./program.js";

const MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));

/** @type {Record<string, string>} */
const COMMANDS = {
  npm: `test "$1" = install && shift
    for package in "$@"; do
      test "$package" = --global && continue
      name=$(printf %s "$package" | sed 's/\\(.\\)@.*/\\1/')
      for from in "$INSTALLED" "$MODULES"; do
        test -d "$from/$name" && break
      done
      mkdir -p "node_modules/$(dirname "$name")"
      ln -s "$(cd "$from/$name" && pwd)" "node_modules/$name"
    done`,
  npx: `command=$1; shift; exec "$command" "$@"`,
  "entra-device-code": `exec node --import "$PRELOAD" "$INSTALLED/entra-device-code/bin/entra-device-code.js" "$@"`,
  curl: `printf '%s\\n' "$@"`,
  wrangler: `case "$1" in
      secret) echo "$2 $3: $(wc -c) characters" ;;
      *) exec "$NODE_22" "$MODULES/wrangler/bin/wrangler.js" "$@" --dry-run ;;
    esac`,
};

const TOKEN = "[\\w-]+\\.[\\w-]+\\.[\\w-]+";

/**
 * What each prints, by something it says.
 *
 * @type {[string, RegExp][]}
 */
const PRINTS = [
  ["npm install entra-device-code\n", /^$/],
  ["npm install @napi-rs/keyring\n", /^$/],
  [
    "curl -H",
    new RegExp(`^-H\nAuthorization: Bearer ${TOKEN}\nhttps://graph\\.microsoft\\.com/v1\\.0/me\n$`),
  ],
  [
    "entra-device-code login --cache work",
    new RegExp(`^\\{[^\n]+\\}\n${TOKEN}\n${TOKEN}\nada@contoso\\.com\\b[^\n]*\n$`),
  ],
  ["examples/mcp/server.js", /^$/],
  [
    "examples/worker",
    /^put ENCRYPTION_KEY: 45 characters\n[\s\S]*env\.SESSIONS[\s\S]*--dry-run: exiting now\.\n$/,
  ],
];

const readme = await readFile(join(place.dir, "node_modules/entra-device-code/README.md"), "utf8");
const snippets = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code]) => code);

test("snippets: each of the README's for a shell is known", async () => {
  equal(snippets.filter((code) => PRINTS.some(([part]) => code.includes(part))).length, 6);
  equal(snippets.length, PRINTS.length);
});

for (const [part, expected] of PRINTS) {
  test(`snippets: ${part.trim()}`, async (t) => {
    const keyring = await startKeyring();
    t.after(() => keyring.stop());
    const { network, home } = await atHome(t, { user: ADA });
    const cwd = await mkdtemp(join(place.dir, "snippet-"));
    const { status, stdout, stderr } = await follow(
      t,
      ["bash", "-euo", "pipefail", "-c", snippets.find((code) => code.includes(part)) ?? "false"],
      {
        ...network.env,
        ...keyring.env,
        PATH: [await commands(home), place.env.PATH].join(delimiter),
        NODE_EXTRA_CA_CERTS: place.caFile,
        INSTALLED: join(place.withKeyring, "node_modules"),
        MODULES,
        PRELOAD: network.preload,
        NODE_22: program("node22"),
        WRANGLER_SEND_METRICS: "false",
        CI: "true",
      },
      cwd,
    ).ended;
    equal(status, 0, stderr);
    match(stdout, expected);
  });
}

test("snippets: a sign-in in a file, for the only user and for one of several", async (t) => {
  const keyring = await startKeyring();
  t.after(() => keyring.stop());
  const { s, network } = await atHome(t, { user: ADA });
  const [forOne, forSeveral, ...more] = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)]
    .map(([, code]) => code)
    .filter((code) => code.includes('name: "my-app"'));
  ok(forOne.includes("useStoredAccount") && forSeveral.includes("getAccounts"));
  equal(more.length, 0);
  const cwd = await mkdtemp(join(place.withKeyring, "snippet-"));
  const environment = { ...network.env, ...keyring.env };

  /** What a program prints that goes on with the credential: who has the token. */
  async function run(snippet) {
    const use = `const { token } = await credential.getToken("https://graph.microsoft.com/User.Read");
      const [, payload] = token.split(".");
      console.log(JSON.parse(Buffer.from(payload, "base64url")).oid);`;
    await writeFile(join(cwd, "program.mjs"), `${snippet}\n${use}\n`);
    const program = start(t, "program.mjs", [], { ...network, cwd, env: environment });
    const { status, stdout, stderr } = await program.ended;
    equal(status, 0, stderr);
    return stdout;
  }

  match(await run(forOne), new RegExp(`^To sign in, [^\n]+\n${ADA.oid}\n$`));
  equal(await run(forOne), `${ADA.oid}\n`);
  equal(await run(forSeveral), `${ADA.oid}\n`);
  // Somebody else, whom nobody is to be taken for.
  await s.script({ user: BOB });
  const another = forSeveral.replace("ada@", "bob@");
  match(await run(another), new RegExp(`^To sign in, [^\n]+\n${BOB.oid}\n$`));
  equal(await run(another), `${BOB.oid}\n`);
  equal(await run(forSeveral), `${ADA.oid}\n`);
});

/** @param {string} home */
async function commands(home) {
  const folder = join(home, "bin");
  await mkdir(folder);
  for (const [name, text] of Object.entries(COMMANDS)) {
    await writeFile(join(folder, name), `#!/bin/sh\nset -eu\n${text}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}
