/** `completion`: what a real shell completes once it has read the script. */

import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { deepEqual, equal, match } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { findPrograms } from "../base/services/programs.js";
import { follow, place, startCli } from "./program.js";

const COMMANDS = ["accounts", "completion", "login", "logout", "token"];

/** What is typed, and what it may become. */
const TYPED = [
  ["", COMMANDS],
  ["log", ["login", "logout"]],
  ["token --c", ["--cache", "--claims", "--client-id", "--copy"]],
  ["token --tenant contoso.com --q", ["--qr"]],
  ["token --output ", ["json", "token"]],
  ["logout --user", ["--username"]],
  ["logout --sc", []],
  ["completion ", ["bash", "fish", "zsh"]],
];

/** How each shell says what a line may become, the script being in $1 and the line in $2. */
const SHELLS = {
  bash: `source "$1"
    COMP_WORDS=(entra-device-code $2)
    [[ -z $2 || $2 == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    _entra_device_code
    printf '%s\\n' "\${COMPREPLY[@]}"`,
  fish: `source $argv[1]
    complete -C "entra-device-code $argv[2]" | string split -f 1 \\t`,
};

for (const [shell, program] of Object.entries(SHELLS)) {
  test(`completion: ${shell}`, async (t) => {
    const [executable] = await findPrograms(shell);
    const script = await scriptFor(t, shell);
    for (const [typed, expected] of TYPED) {
      const args = shell === "bash" ? ["-c", program, "bash"] : ["-c", program];
      const env = { TERM: "dumb" };
      const { stdout, stderr } = await follow(t, [executable, ...args, script, typed], env).ended;
      equal(stderr, "");
      // fish offers single dashes, bash its words as they are.
      const offered = stdout.split("\n").filter((word) => word && !word.startsWith("-h"));
      const commands = offered.filter((word) => typed !== "" || !word.startsWith("-"));
      deepEqual(commands.sort(), expected, `${shell}: ${typed}`);
    }
  });
}

/** What shows that a shell knows the program, and its words. */
const KNOWN = {
  bash: "complete -p entra-device-code; COMP_WORDS=(entra-device-code logi); COMP_CWORD=1; _entra_device_code; echo $COMPREPLY",
  fish: "complete -C 'entra-device-code logi' | string split -f 1 \\t",
  zsh: "echo $_comps[entra-device-code]",
};
const SAYS = { bash: /^complete .*\nlogin\n$/, fish: /^login\n$/, zsh: /^_entra_device_code\n$/ };

for (const shell of /** @type {const} */ (["bash", "fish", "zsh"])) {
  test(`completion: ${shell}, by the line that the README has for its configuration`, async (t) => {
    const [executable] = await findPrograms(shell);
    const installed = join(place.dir, "node_modules");
    const readme = await readFile(join(installed, "entra-device-code", "README.md"), "utf8");
    const [, sourced] = readme.match(/^Completions: `([^`]+)` in `~\/\.bashrc`/m) ?? [];
    const [, piped] = readme.match(/`([^`]+)` in fish's configuration/) ?? [];
    match(sourced, / bash\)$/);
    const line = shell === "fish" ? piped : sourced.replace("bash)", `${shell})`);
    const setup = shell === "zsh" ? "autoload -U compinit && compinit -u -D\n" : "";
    const program = `${setup}${line}\n${KNOWN[shell]}`;
    const args = shell === "zsh" ? ["-f", "-c", program] : ["-c", program];
    const { stdout, stderr } = await follow(t, [executable, ...args], {
      TERM: "dumb",
      PATH: [join(installed, ".bin"), place.env.PATH].join(delimiter),
    }).ended;
    equal(stderr, "");
    match(stdout, SAYS[shell]);
  });
}

test("completion: bash, where the = of an option is a word", async (t) => {
  const [executable] = await findPrograms("bash");
  const script = await scriptFor(t, "bash");
  const program = `source "$1"
    COMP_WORDS=(entra-device-code token --output = j); COMP_CWORD=4; _entra_device_code
    echo "\${COMPREPLY[@]}"
    COMP_WORDS=(entra-device-code token --output =); COMP_CWORD=3; _entra_device_code
    echo "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await follow(t, [executable, "-c", program, "bash", script]).ended;
  equal(stderr, "");
  equal(stdout, "json\njson token\n");
});

for (const as of ["sourced", "in a folder of $fpath"]) {
  test(`completion: zsh, ${as}`, async (t) => {
    const [executable] = await findPrograms("zsh");
    const script = await scriptFor(t, "zsh");
    const folder = await mkdtemp(join(place.dir, "zsh-"));
    const setup =
      as === "sourced"
        ? `autoload -U compinit && compinit -u -D && source ${script}`
        : `cp ${script} ${folder}/_entra-device-code && fpath=(${folder} $fpath) && autoload -U compinit && compinit -u -D`;
    const terminal = join(import.meta.dirname, "terminal.py");
    const command = ["python3", terminal, "200", executable, "-f", "-i"];
    const shell = follow(t, command, { TERM: "xterm", HOME: folder });
    // The program's stand-in says what it got once the line was completed.
    shell.type(`${setup}; entra-device-code() { print -ru2 -- "<$*>" }; echo rea""dy >&2\n`);
    await shell.shows(/\nready\r\n/);
    shell.type("entra-device-code acc\t--ca\twork\n");
    await shell.shows(/<accounts --cache=work>/);
    shell.type("entra-device-code token --output=j\t\n");
    await shell.shows(/<token --output=json\s*>/);
    shell.type("entra-device-code completion z\t\n");
    await shell.shows(/<completion zsh\s*>/);
    shell.type("entra-device-code token --c\t");
    await shell.shows(/--claims\s+-- a claims challenge that a resource sent/);
    shell.type("\x15exit\n");
    await shell.ended;
  });
}

test("completion: of an unknown shell, or of none, one line says which there are", async (t) => {
  for (const args of [["completion"], ["completion", "tcsh"]]) {
    const { status, stdout, stderr } = await startCli(t, args).ended;
    equal(stdout, "");
    match(stderr, /^entra-device-code: [^\n]*bash, zsh, fish[^\n]*\n$/);
    equal(status, 2);
  }
});

/**
 * @param {import("../base/harness/suite.js").TestContext} t
 * @param {string} shell
 * @returns {Promise<string>} its file
 */
async function scriptFor(t, shell) {
  const { status, stdout, stderr } = await startCli(t, ["completion", shell]).ended;
  equal(stderr, "");
  equal(status, 0);
  const file = join(await mkdtemp(join(place.dir, "completion-")), shell);
  await writeFile(file, stdout);
  return file;
}
