/** The examples that the package brings: its README quotes the programs as they are, and each is run; the Worker in hosts/workers/. */

import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { equal, match, ok } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { arrange } from "./arrange.js";
import { folderWith } from "./folder.js";
import { onNetwork, place, start } from "./program.js";

const ME = "https://graph.microsoft.com/v1.0/me";
const SUBSCRIPTIONS = "https://management.azure.com/subscriptions?api-version=2022-12-01";
const FILE = `${ME}/drive/root:/Documents/the%20report.txt:/content`;
const ADA = { displayName: "Ada", userPrincipalName: "ada@contoso.com" };

test("examples: the README quotes every program, as it is, and says what the Worker's files are", async () => {
  const installed = join(place.dir, "node_modules", "entra-device-code");
  const readme = await readFile(join(installed, "README.md"), "utf8");
  const names = (await readdir(join(installed, "examples"))).sort();
  equal(
    names.join(" "),
    "bun-download.js deno-cli.js mcp node-cli.js proxy.js server testing typescript worker",
  );
  for (const name of names.filter((each) => extname(each))) {
    const code = await readFile(join(installed, "examples", name), "utf8");
    ok(readme.includes(`\`examples/${name}\``), `README.md names ${name}`);
    const quote = `\`\`\`${extname(name).slice(1)}\n${code}\`\`\`\n`;
    ok(readme.includes(quote), `README.md quotes ${name}`);
  }
  ok(readme.includes("`examples/mcp/server.js`"), "README.md names the MCP server");
  for (const folder of ["server", "testing", "typescript"]) {
    for (const name of await readdir(join(installed, "examples", folder))) {
      ok(readme.includes(`\`examples/${folder}/${name}\``), `README.md names ${name}`);
    }
  }
  const worker = await readdir(join(installed, "examples", "worker"), { withFileTypes: true });
  equal(worker.length, 5);
  for (const file of worker) {
    const name = file.isDirectory() ? `${file.name}/` : file.name;
    ok(readme.includes(`\`${name}\``), `README.md names ${name}`);
  }
});

test("examples: Node, node-cli.js", async (t) => {
  const { s } = await arrange(t);
  const network = onNetwork(s, { [ME]: { scope: "User.Read", body: ADA } });
  const program = start(t, "node-cli.js", [], {
    ...network,
    cwd: await folderWith("node-cli.js"),
    env: { ...network.env, AZURE_TENANT_ID: "contoso.com", AZURE_CLIENT_ID: "an-app" },
  });
  const { status, stdout, stderr } = await program.ended;
  equal(stdout, "Ada <ada@contoso.com>\n", stderr);
  match(stderr, /^To sign in, [^\n]+\n$/);
  equal(status, 0);
  const [{ path, form }] = await s.requests("devicecode");
  match(path, /^\/contoso\.com\//);
  equal(form.client_id, "an-app");
});

test("examples: Node, node-cli.js, interrupted", async (t) => {
  const { s } = await arrange(t, { approveAfterPolls: null });
  const cwd = await folderWith("node-cli.js");
  const program = start(t, "node-cli.js", [], { ...onNetwork(s), cwd });
  await program.shows(/enter the code/);
  program.child.kill("SIGINT");
  const { status, stdout, stderr } = await program.ended;
  equal(stdout, "");
  match(stderr, /\nInterrupted\n$/);
  equal(status, 1);
});

test("examples: Deno, deno-cli.js, with the permissions that it names", async (t) => {
  const { s } = await arrange(t);
  const cwd = await folderWith("deno-cli.js");
  const [first] = (await readFile(join(cwd, "deno-cli.js"), "utf8")).split("\n");
  const permissions = first.match(/--allow-\S+/g) ?? [];
  ok(permissions.length > 0);
  // And what the stand-in needs.
  const run = permissions.map((each) =>
    each.replace(/^--allow-net=/, "$&localhost,").replace(/^--allow-env=/, "$&NETWORK,"),
  );
  const value = [{ subscriptionId: "1234", displayName: "Pay as you go" }];
  const resources = { [SUBSCRIPTIONS]: { scope: "user_impersonation", body: { value } } };
  const program = start(t, "deno-cli.js", [], {
    on: "deno",
    cwd,
    ...onNetwork(s, resources),
    run: ["run", "--no-prompt", ...run],
  });
  const { status, stdout, stderr } = await program.ended;
  equal(stdout, "1234  Pay as you go\n", stderr);
  match(stderr, /^Open https:\/\/microsoft\.com\/devicelogin and enter \w+\nbefore [^\n]+\n$/);
  equal(status, 0);
});

test("examples: Bun, bun-download.js", async (t) => {
  const { s } = await arrange(t);
  const network = onNetwork(s, { [FILE]: { scope: "Files.Read", body: "All is well." } });
  const args = ["Documents/the report.txt"];
  const cwd = await folderWith("bun-download.js");
  const program = start(t, "bun-download.js", args, { on: "bun", cwd, ...network });
  const { status, stdout, stderr } = await program.ended;
  match(stdout, /^To sign in, [^\n]+\nthe report\.txt: 12 bytes\n$/, stderr);
  equal(status, 0);
  equal(await readFile(join(cwd, "the report.txt"), "utf8"), "All is well.");
});
