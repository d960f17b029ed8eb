/** The examples that the package brings: each is run, and its README quotes them as they are. */

import { copyFile, mkdtemp, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { equal, match, ok } from "../harness/assert.js";
import { test } from "../harness/suite.js";
import { arrange } from "./arrange.js";
import { onNetwork, place, start } from "./program.js";
import { startWorker } from "./worker.js";

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
  equal(names.join(" "), "bun-download.js deno-cli.js node-cli.js worker-sign-in.js worker.js");
  for (const name of names) {
    const code = await readFile(join(installed, "examples", name), "utf8");
    ok(readme.includes(`\`examples/${name}\``), `README.md names ${name}`);
    ok(readme.includes(`\`\`\`js\n${code}\`\`\`\n`), `README.md quotes ${name}`);
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

/** Signs in for the Worker, and starts it. */
async function signedIn(t, config) {
  const { s } = await arrange(t, config);
  const cwd = await folderWith("worker.js", "worker-sign-in.js");
  const { env, preload } = onNetwork(s);
  const options = { cwd, preload, env: { ...env, AZURE_TENANT_ID: s.user.tid } };
  const { stdout, stderr } = await start(t, "worker-sign-in.js", [], options).ended;
  match(stdout, /\nSigned in as ada@contoso\.com\. Give this to the Worker:\n/, stderr);
  equal((await stat(join(cwd, "cache.json"))).mode & 0o777, 0o600);
  const [record, cache] = await Promise.all(
    ["record.json", "cache.json"].map((name) => readFile(join(cwd, name), "utf8")),
  );
  return { s, cache, worker: await startWorker(t, cwd, "worker.js", { record, s, me: ADA }) };
}

test("examples: a Worker, worker.js, which worker-sign-in.js signed in", async (t) => {
  const { s, cache, worker } = await signedIn(t);
  const before = (await s.requests()).length;
  const anonymous = await worker.get();
  equal(anonymous.status, 401);
  match(await anonymous.text(), /Run worker-sign-in\.js/);
  await worker.store(cache);
  const answers = await Promise.all([worker.get(), worker.get()]);
  for (const answer of answers) {
    equal(answer.status, 200);
    equal((await answer.json()).userPrincipalName, ADA.userPrincipalName);
  }
  equal(
    (await s.requests()).length,
    before,
    "nothing was asked of Entra: the token is a cached one",
  );
});

test("examples: a Worker renews the token, and keeps what it got", async (t) => {
  const { s, cache, worker } = await signedIn(t, { tokenExpiresIn: 200 });
  await worker.store(cache);
  await s.script({ tokenExpiresIn: 3599 });
  equal((await worker.get()).status, 200);
  equal((await s.requests("refresh")).length, 1);
  ok((await worker.stored()) !== cache, "the store has the new token");
  equal((await worker.get()).status, 200);
  equal((await s.requests("refresh")).length, 1);
});

test("examples: a Worker whose user's sign-in was revoked answers 401 with instructions", async (t) => {
  const { s, cache, worker } = await signedIn(t, { tokenExpiresIn: 200 });
  await worker.store(cache);
  await s.revoke();
  const answer = await worker.get();
  equal(answer.status, 401);
  match(await answer.text(), /Run worker-sign-in\.js/);
});
