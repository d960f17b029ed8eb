/** A command line that is wrong: one line that says so, status 2, and nothing sent. */

import { readFile } from "node:fs/promises";
import { OPTIONS } from "../../pkg-template/cli/arguments.js";
import { equal, match, ok } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { follow, place, startCli } from "./program.js";
import { RUNTIMES, runtime } from "./runtimes.js";

const WRONG = [
  ["no command", [], /no command/],
  ["an unknown command", ["tokens"], /unknown command "tokens"/],
  ["a second command", ["token", "login"], /unexpected argument "login"/],
  ["an unknown option", ["token", "--scpe", "x"], /unknown option "--scpe"/],
  ["an unknown short option", ["token", "-x"], /unknown option "-x"/],
  ["several short options at once", ["token", "-xy"], /unknown option "-xy"/],
  ["a value for an unknown option", ["token", "--scpe=x"], /unknown option "--scpe"/],
  ["an argument after --", ["token", "--", "--qr"], /unexpected argument "--qr"/],
  ["options named like parts of JavaScript", ["token", "--__proto__", "x"], /unknown option/],
  ["no scope", ["token"], /--scope/],
  ["a scope of separators", ["token", "--scope", " , "], /--scope needs a value/],
  ["a value missing at the end", ["token", "--scope"], /--scope needs a value/],
  ["a value missing in between", ["token", "--scope", "--qr"], /--scope needs a value/],
  ["an empty value", ["token", "--scope", "x", "--tenant="], /--tenant needs a value/],
  ["a value for a flag", ["token", "--scope", "x", "--qr=yes"], /--qr takes no value/],
  ["an option twice", ["token", "--tenant", "a", "--tenant", "b"], /--tenant is given twice/],
  ["a bad tenant", ["token", "--scope", "x", "--tenant", "my tenant"], /--tenant must be/],
  ["a bad authority", ["token", "--scope", "x", "--authority", "http://a"], /--authority must be/],
  [
    "a provider's address that is its issuer",
    ["token", "--scope", "x", "--metadata-url", "https://id.contoso.com"],
    /--metadata-url must be the https URL/,
  ],
  [
    "a provider that is said in two ways",
    ["token", "--scope", "x", "--metadata-url", "https://a.b/c", "--tenant", "d"],
    /--tenant and --metadata-url both/,
  ],
  [
    "a scope to leave out that nobody sends",
    ["token", "--scope", "x", "--exclude-scope", "User.Read"],
    /--exclude-scope must name/,
  ],
  [
    "claims in base64 that are no JSON",
    ["token", "--scope", "x", "--claims", "eyJh"],
    /--claims must/,
  ],
  ["claims that are a list", ["token", "--scope", "x", "--claims", "W10="], /--claims must be/],
  ["accounts of no cache", ["accounts"], /accounts needs --cache/],
  ["accounts as a token", ["accounts", "--cache", "x", "--output", "token"], /accounts prints/],
  ["an option of completion", ["completion", "bash", "--qr"], /not an option of completion/],
  ["a second shell", ["completion", "bash", "zsh"], /unexpected argument "zsh"/],
  ["claims that are no JSON", ["token", "--scope", "x", "--claims", "{"], /--claims must be/],
  ["a timeout of 0", ["token", "--scope", "x", "--timeout", "0"], /--timeout must be/],
  ["a negative timeout", ["token", "--scope", "x", "--timeout", "-5"], /--timeout must be/],
  ["a timeout with a unit", ["token", "--scope", "x", "--timeout", "5m"], /--timeout must be/],
  ["an endless timeout", ["token", "--scope", "x", "--timeout", "9".repeat(400)], /--timeout/],
  ["an unknown output", ["token", "--scope", "x", "--output", "xml"], /--output must be/],
  ["a login that prints a token", ["login", "--output", "token"], /record/],
  ["an option of another command", ["logout", "--scope", "x"], /not an option of logout/],
  ["a cache without a name", ["token", "--scope", "x", "--cache"], /--cache needs a value/],
  [
    "a storage without a cache",
    ["token", "--scope", "x", "--allow-unencrypted-storage"],
    /--allow-unencrypted-storage needs --cache/,
  ],
  ["a user without a cache", ["logout", "--username", "a@b.c"], /--username needs --cache/],
  ["a line break", ["token", "--scope", "x", "to\nken"], /unexpected argument "to\\nken"/],
];

for (const [name, args, pattern] of WRONG) {
  test(`usage: ${name}`, async (t) => {
    const { status, stdout, stderr } = await startCli(t, args).ended;
    equal(stdout, "");
    match(stderr, /^entra-device-code: [^\n]+\n$/);
    match(stderr, pattern);
    equal(status, 2);
  });
}

for (const [variable, value] of [
  ["AZURE_AUTHORITY_HOST", "http://contoso.com"],
  ["AZURE_TENANT_ID", "my tenant"],
]) {
  test(`usage: a wrong ${variable} is named`, async (t) => {
    const env = { [variable]: value };
    const { status, stderr } = await startCli(t, ["token", "--scope", "x"], { env }).ended;
    match(stderr, new RegExp(`^entra-device-code: ${variable} [^\\n]+\\n$`));
    equal(status, 2);
  });
}

for (const { name: on } of RUNTIMES) {
  test(`usage on ${on}: --help, --version and a mistake`, async (t) => {
    const [help, version, mistake] = await Promise.all([
      startCli(t, ["--help"], { on }).ended,
      startCli(t, ["--version"], { on }).ended,
      startCli(t, ["token", "--scope", "x", "--tenant", "my tenant"], { on }).ended,
    ]);
    match(help.stdout, /^Signs you in[\s\S]*\n {2}2 {4}the command line is wrong/);
    equal(help.stderr, "");
    equal(help.status, 0);
    const manifest = await readFile(`${place.dir}/node_modules/entra-device-code/package.json`);
    equal(version.stdout, `${JSON.parse(manifest).version}\n`);
    equal(version.status, 0);
    match(mistake.stderr, /^entra-device-code: --tenant must be [^\n]+\n$/);
    equal(mistake.status, 2);
  });
}

for (const [name, command] of [
  ["npx", ["npx", "--offline", "entra-device-code"]],
  ["bunx", [runtime("bun").executable, "x", "--no-install", "entra-device-code"]],
  ["deno run npm:", [runtime("deno").executable, ...runtime("deno").run, "npm:entra-device-code"]],
]) {
  test(`usage: by its name, with ${name}`, async (t) => {
    const { status, stdout, stderr } = await follow(t, [...command, "logout", "--tenant", "x"])
      .ended;
    equal(stdout, "");
    match(stderr, /^No sign-in is kept between runs unless --cache is given/m);
    equal(status, 0);
  });
}

test("usage: --help names every option that is accepted, in lines that fit a terminal", async (t) => {
  const { stdout } = await startCli(t, ["token", "--help", "--scope"]).ended;
  equal(stdout, "", "an option without its value is wrong all the same");
  const help = (await startCli(t, ["token", "--help"]).ended).stdout;
  for (const name of Object.keys(OPTIONS)) ok(help.includes(`--${name}`), name);
  for (const line of help.split("\n")) ok(line.length <= 100, line);
});

test("usage: --help says which variables are defaults, and for what", async (t) => {
  const { stdout } = await startCli(t, ["token", "--help"]).ended;
  const text = stdout.replaceAll(/\s+/g, " ");
  for (const [option, variable] of [
    ["tenant", "AZURE_TENANT_ID"],
    ["client-id", "AZURE_CLIENT_ID"],
    ["authority", "AZURE_AUTHORITY_HOST"],
  ]) {
    match(text, new RegExp(` --${option} <[^>]+> [^(]*\\(default: \\$${variable}, else `));
  }
});
