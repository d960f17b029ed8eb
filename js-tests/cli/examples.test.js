/** The examples that the package brings: its README quotes them as they are, and each is run; the Worker in workers/. */

import { copyFile, mkdtemp, readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { equal, match, ok } from "../harness/assert.js";
import { test } from "../harness/suite.js";
import { arrange } from "./arrange.js";
import { onNetwork, place, start } from "./program.js";

const ME = "https://graph.microsoft.com/v1.0/me";
const SUBSCRIPTIONS = "https://management.azure.com/subscriptions?api-version=2022-12-01";
const FILE = `${ME}/drive/root:/Documents/the%20report.txt:/content`;
const ADA = { displayName: "Ada", userPrincipalName: "ada@contoso.com" };

/** A folder of the project, with examples as a reader would copy them: the package goes by its name. */
async function folderWith(...names) {
  const cwd = await mkdtemp(join(place.dir, "example-"));
  const examples = join(place.dir, "node_modules", "entra-device-code", "examples");
  await Promise.all(names.map((name) => copyFile(join(examples, name), join(cwd, name))));
  return cwd;
}

test("examples: the README quotes every one, as it is", async () => {
  const installed = join(place.dir, "node_modules", "entra-device-code");
  const readme = await readFile(join(installed, "README.md"), "utf8");
  const names = (await readdir(join(installed, "examples"))).sort();
  equal(names.join(" "), "bun-download.js deno-cli.js node-cli.js worker.js wrangler.jsonc");
  for (const name of names) {
    const code = await readFile(join(installed, "examples", name), "utf8");
    ok(readme.includes(`\`examples/${name}\``), `README.md names ${name}`);
    const quote = `\`\`\`${extname(name).slice(1)}\n${code}\`\`\`\n`;
    ok(readme.includes(quote), `README.md quotes ${name}`);
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
