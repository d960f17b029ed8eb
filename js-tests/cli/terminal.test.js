/** What a person sees on a terminal: stdin and stderr are one, stdout is a pipe, as in `$(…)`. */

import { readFile } from "node:fs/promises";
import { printable } from "../../pkg-template/cli/terminal.js";
import { equal, match, ok } from "../base/harness/assert.js";
import { approve } from "../base/harness/person.js";
import { testServers } from "../base/harness/servers.js";
import { test } from "../base/harness/suite.js";
import { arrange, SCOPE, showsNoSecret } from "./arrange.js";
import { drawSignIn, PICTURE } from "./picture.js";
import { startCli } from "./program.js";
import { modulesOnScreen, read } from "./qr-image.js";
import { RUNTIMES } from "./runtimes.js";

const COMPLETE = "https://microsoft.com/devicelogin?otc=ABCD1234";

for (const { name: on } of RUNTIMES) {
  test(`terminal on ${on}: a countdown, which goes when the token comes`, async (t) => {
    const { s, at } = await arrange(t, { approveAfterPolls: 2 });
    const program = startCli(t, ["token", "--scope", SCOPE, ...at], { on, columns: 80 });
    const { status, stdout, stderr } = await program.ended;
    match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    equal(status, 0);
    match(stderr, /^To sign in, .* enter the code \S+ to authenticate/);
    const shown = [...stderr.matchAll(/\rWaiting for you to sign in: (\d+):(\d\d) left/g)];
    const seconds = shown.map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest));
    ok(seconds[0] > 890 && seconds[0] <= 900, String(seconds));
    ok(new Set(seconds).size >= 2, "it counts");
    ok(
      seconds.every((each, at) => at === 0 || each <= seconds[at - 1]),
      "down",
    );
    ok(stderr.endsWith("\r\x1b[K"), "the line is wiped");
    await showsNoSecret(s, stderr, stdout.trim());
  });

  test(`terminal on ${on}: Ctrl-C ends it at once with status 130`, async (t) => {
    const { s, at } = await arrange(t, { replies: { token: [{ hang: true }] } });
    const program = startCli(t, ["login", "--scope", SCOPE, ...at], { on, columns: 80 });
    await s.waitForRequests(1, { endpoint: "token", within: 20_000 });
    const startedAt = performance.now();
    program.type("\x03");
    const { status, stdout, stderr } = await program.ended;
    ok(performance.now() - startedAt < 2000, "at once");
    equal(status, 130);
    equal(stdout, "");
    match(stderr, /Interrupted\.\r\n$/);
    await s.waitForRequests(1, { endpoint: "token", aborted: true });
  });

  test(`terminal on ${on}: --qr draws the address with the code in it`, async (t) => {
    const replies = { devicecode: [{ set: { verification_uri_complete: COMPLETE } }] };
    const { at } = await arrange(t, { replies });
    const args = ["token", "--qr", "--scope", SCOPE, ...at];
    const { status, stdout, stderr } = await startCli(t, args, { on, columns: 80 }).ended;
    equal(read(modulesOnScreen(stderr))?.data, COMPLETE);
    match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    equal(status, 0);
  });
}

test("terminal: the QR code of a real OpenID provider leads to its page, with the code filled in", async (t) => {
  const { url, tenant, clientId, scope } = testServers().oidc;
  const at = ["--authority", url, "--tenant", tenant, "--disable-instance-discovery"];
  const args = ["login", "--qr", "--client-id", clientId, "--scope", scope, ...at];
  const program = startCli(t, args, { columns: 80 });
  await program.shows(/Waiting for you to sign in/);
  const address = new URL(read(modulesOnScreen(program.stderr))?.data ?? "");
  const userCode = address.searchParams.get("user_code") ?? "";
  ok(program.stderr.includes(userCode), "the code is in the message too");
  address.search = "";
  await approve({ verificationUri: address.href, userCode, username: "ada@contoso.com" });
  const { status, stdout, stderr } = await program.ended;
  match(stderr, /Signed in as ada@contoso\.com/);
  equal(JSON.parse(stdout).username, "ada@contoso.com");
  equal(status, 0);
});

test("terminal: --qr draws the plain address where the server sends no other", async (t) => {
  const { at } = await arrange(t);
  const args = ["token", "--qr", "--scope", SCOPE, ...at];
  const { stderr } = await startCli(t, args, { columns: 37 }).ended;
  equal(read(modulesOnScreen(stderr))?.data, "https://microsoft.com/devicelogin");
});

test("terminal: one too narrow for the QR code says so; the countdown never wraps", async (t) => {
  const { at } = await arrange(t);
  const args = ["token", "--qr", "--scope", SCOPE, ...at];
  const { status, stderr } = await startCli(t, args, { columns: 36 }).ended;
  equal(modulesOnScreen(stderr).length, 0);
  match(stderr, /too narrow for the QR code: it needs 37 columns/);
  match(stderr, /\rWaiting for you to sign in: 1[45]:\d/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the end of the line
  for (const [, line] of stderr.matchAll(/\r(Waiting[^\x1b]*)/g)) ok(line.length < 36, line);
  equal(status, 0);
});

test("terminal: an address too long for a QR code is no failure", async (t) => {
  const set = { verification_uri_complete: `https://contoso.com/${"x".repeat(300)}` };
  const { at } = await arrange(t, { replies: { devicecode: [{ set }] } });
  const args = ["token", "--qr", "--scope", SCOPE, ...at];
  const { status, stderr } = await startCli(t, args, { columns: 80 }).ended;
  match(stderr, /too long for a QR code/);
  equal(status, 0);
});

test("terminal: without one, --qr draws nothing and nothing counts down", async (t) => {
  const { at } = await arrange(t, { approveAfterPolls: 1 });
  const { status, stderr } = await startCli(t, ["token", "--qr", "--scope", SCOPE, ...at]).ended;
  equal(stderr.trimEnd().split("\n").length, 2);
  for (const mark of "\r\x1b▀▄█") ok(!stderr.includes(mark), stderr);
  equal(status, 0);
});

test("terminal: the code stands out, unless NO_COLOR is set", async (t) => {
  const message = "Enter A1B2 at https://contoso.com/A1B2 or here: A1B2\x1b[0m!";
  const set = { message, user_code: "A1B2" };
  const { at } = await arrange(t, { replies: { devicecode: [{ set, repeat: 2 }] } });
  const args = ["token", "--scope", SCOPE, ...at];
  const { stderr } = await startCli(t, args, { columns: 80 }).ended;
  const plain = await startCli(t, args, { columns: 80, env: { NO_COLOR: "1" } }).ended;
  const [before, after] = ["Enter A1B2 at https://contoso.com/A1B2 or here: ", "[0m!\r\n"];
  ok(stderr.startsWith(`${before}\x1b[1;35mA1B2\x1b[0m${after}`), JSON.stringify(stderr));
  ok(plain.stderr.startsWith(`${before}A1B2${after}`), JSON.stringify(plain.stderr));
  equal(plain.stderr.replaceAll("\x1b[K", "").indexOf("\x1b"), -1);
});

test("terminal: --copy puts the code on the clipboard, and prints it all the same", async (t) => {
  const message = "Enter A1 B2 \u00fc.";
  const set = { message, user_code: "A1\n\x07B2 \u00fc" };
  const { at } = await arrange(t, { replies: { devicecode: [{ set }] } });
  const args = ["token", "--copy", "--scope", SCOPE, ...at];
  const options = { columns: 80, env: { NO_COLOR: "1" } };
  const { status, stdout, stderr } = await startCli(t, args, options).ended;
  const copied = `\x1b]52;c;${Buffer.from("A1 B2 \u00fc").toString("base64")}\x07`;
  ok(stderr.startsWith(`${message}\r\n${copied}The code is on the clipboard, if `), stderr);
  match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  equal(status, 0);
});

for (const flags of [[], ["--copy"]]) {
  test(`terminal: a code that the message lacks is shown ${flags}`, async (t) => {
    const set = { message: "Enter it.", user_code: "A1\u202eB2" };
    const { at } = await arrange(t, { replies: { devicecode: [{ set, repeat: 2 }] } });
    const args = ["token", ...flags, "--scope", SCOPE, ...at];
    const onTerminal = await startCli(t, args, { columns: 80 }).ended;
    ok(
      onTerminal.stderr.startsWith("Enter it.\r\nThe code is \x1b[1;35mA1B2\x1b[0m\r\n"),
      JSON.stringify(onTerminal.stderr),
    );
    const onPipe = await startCli(t, args).ended;
    ok(onPipe.stderr.startsWith("Enter it.\nThe code is A1B2\n"), onPipe.stderr);
  });
}

test("terminal: what a terminal obeys or hides is left out", () => {
  // As `plain` of the core has it.
  for (const [text, expected] of [
    ["Öffne die Seite — 打开 🙂", "Öffne die Seite — 打开 🙂"],
    ["one\r\n\ttwo\u2028\u2029three", "one two three"],
    ["\x1b[2J\x1b]0;title\x07red", "[2J]0;titlered"],
    ["a\0b\x08c\x7fd\x9be\x85f", "abcdef"],
    ["gro\u200b\u200d\u2060\ufeff\xadup\u180e", "group"],
    ["\u202emoc.live\u202c\u2066\u200f\u200e\u061c", "moc.live"],
    ["hi\u{e0041}\u{e007f}\u{e0100}\ufff9\u206a", "hi"],
  ]) {
    equal(printable(text), expected);
  }
});

test("terminal: what is left out is what the core leaves out", async () => {
  const source = await readFile(new URL("../../src/protocol/plain.rs", import.meta.url), "utf8");
  const arms = source.slice(source.indexOf("'\\t'"), source.indexOf("=> {}"));
  const code = (char) =>
    ({ "\\t": 9, "\\n": 10, "\\r": 13, "\\0": 0 })[char] ?? Number.parseInt(char.slice(3), 16);
  const ranges = [...arms.matchAll(/'(\\[^']+)'(?:\.\.='(\\[^']+)')?/g)].map(
    ([, from, to = from]) => [code(from), code(to)],
  );
  ok(ranges.length > 10, arms);
  for (let point = 0; point <= 0x10ffff; point++) {
    const isLeftOut = printable(`a${String.fromCodePoint(point)}b`).length < 3;
    const isSpace = [9, 10, 13, 0x2028, 0x2029].includes(point);
    const expected = !isSpace && ranges.some(([from, to]) => from <= point && point <= to);
    if (isLeftOut !== expected) equal(isLeftOut, expected, point.toString(16));
  }
});

for (const [where, options] of [
  ["no terminal", {}],
  ["a dumb one", { columns: 80, env: { TERM: "dumb" } }],
  ["one without a clipboard", { columns: 80, env: { TERM: "linux" } }],
]) {
  test(`terminal: --copy on ${where} says in one line that it did not`, async (t) => {
    const { at } = await arrange(t);
    const args = ["token", "--copy", "--scope", SCOPE, ...at];
    const { status, stderr } = await startCli(t, args, options).ended;
    equal(stderr.match(/^The code was not copied: [^\n]+$/gm)?.length, 1);
    ok(!stderr.includes("]52;"));
    equal(status, 0);
  });
}

test("terminal: a dumb one gets plain lines", async (t) => {
  const { at } = await arrange(t);
  const options = { columns: 80, env: { TERM: "dumb" } };
  const { status, stderr } = await startCli(t, ["token", "--scope", SCOPE, ...at], options).ended;
  match(stderr, /Waiting until \d\d:\d\d:\d\d UTC\.\r\n$/);
  ok(!stderr.includes("\x1b"));
  equal(status, 0);
});

test("terminal: the countdown is that of --timeout when it is shorter", async (t) => {
  const { at } = await arrange(t, { approveAfterPolls: null });
  const args = ["token", "--timeout", "3", "--scope", SCOPE, ...at];
  const { status, stderr } = await startCli(t, args, { columns: 80 }).ended;
  match(stderr, /sign in: 0:03 left/);
  ok(stderr.includes("\r\x1b[Kentra-device-code: Timed out"), stderr);
  equal(status, 1);
});

test("terminal: the picture in the READMEs shows the program as it is", async (t) => {
  const drawn = await drawSignIn(t);
  ok(
    drawn === (await readFile(PICTURE, "utf8")),
    "docs/pictures/terminal.svg: run `make pictures`",
  );
});
