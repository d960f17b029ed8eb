/** The example of an MCP server, in the hands of the protocol's own client. */

import { copyFile, mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import {
  ElicitationCompleteNotificationSchema,
  ElicitRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { deepEqual, equal, match } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { atHome } from "./home.js";
import { place } from "./program.js";
import { runtime } from "./runtimes.js";

const ME = "https://graph.microsoft.com/v1.0/me";
const ADA = { displayName: "Ada", userPrincipalName: "ada@contoso.com" };

/**
 * A home, and what starts a server in it, as a client's configuration would.
 *
 * @param {import("../base/harness/suite.js").TestContext} t
 * @param {import("../base/servers/entra/scenario.js").ScenarioConfig} [config]
 */
async function arrange(t, config) {
  const { s, home, files, environment } = await atHome(t, config);
  const examples = join(place.dir, "node_modules", "entra-device-code", "examples");
  const readme = await readFile(join(examples, "..", "README.md"), "utf8");
  const cwd = await mkdtemp(join(place.dir, "mcp-"));
  await copyFile(join(examples, "mcp", "server.js"), join(cwd, "server.js"));
  const { executable, preload, trust } = runtime("node");
  const network = environment({ [ME]: { scope: "User.Read", body: ADA } });
  const env = {
    ...place.env,
    ...trust(place.caFile),
    ...network.env,
    NODE_OPTIONS: `${preload}=${network.preload}`,
  };

  /**
   * @param {object} [elicitation] what the client says it can
   * @param {(params: any) => any} [answer]
   * @param {{command: string, args: string[], env?: Record<string, string>}} [how]
   */
  async function start(elicitation, answer, how = { command: executable, args: ["server.js"] }) {
    const capabilities = elicitation ? { elicitation } : {};
    const client = new Client({ name: "test", version: "1.0.0" }, { capabilities });
    if (answer) client.setRequestHandler(ElicitRequestSchema, ({ params }) => answer(params));
    const own = { ...how, cwd, env: { ...env, ...how.env } };
    await client.connect(new StdioClientTransport(own));
    t.after(() => client.close());
    return {
      client,
      async whoAmI() {
        const { content, isError } = await client.callTool({ name: "who_am_i", arguments: {} });
        return { text: content[0].text, isError: isError ?? false };
      },
    };
  }
  return { s, home, files, start, cwd, readme };
}

const SIGNED_IN = { text: "Ada <ada@contoso.com>", isError: false };

for (const [kind, capability] of [
  ["a form", { form: {} }],
  ["a form, by a client of before there were kinds", {}],
  ["a URL", { url: {} }],
]) {
  test(`mcp example: the code is elicited with ${kind}, once for all calls`, async (t) => {
    const { s, files, start } = await arrange(t, { approveAfterPolls: null });
    const asked = [];
    const { client, whoAmI } = await start(capability, async (params) => {
      asked.push(params);
      await s.approve();
      return params.mode === "url" ? { action: "accept" } : { action: "accept", content: {} };
    });
    const completed = new Promise((resolve) => {
      client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ params }) =>
        resolve(params.elicitationId),
      );
    });
    deepEqual(await Promise.all([whoAmI(), whoAmI()]), [SIGNED_IN, SIGNED_IN]);
    equal(asked.length, 1);
    match(asked[0].message, /^To sign in, .* enter the code \w+/);
    if (capability.url) {
      equal(asked[0].url, "https://microsoft.com/devicelogin");
      equal(await completed, asked[0].elicitationId);
    }
    deepEqual(await files(), ["mcp-example.nocae"]);
  });
}

test("mcp example: started as the README tells a client to", async (t) => {
  const { s, start, cwd, readme } = await arrange(t, { approveAfterPolls: 1 });
  const [, json] = readme.match(/^```json\n([\s\S]*?)^```$/m) ?? [];
  const { mcpServers } = JSON.parse(json);
  const [{ command, args, env }] = Object.values(mcpServers);
  const own = args.map((each) => each.replace("/path/to", cwd));
  const { whoAmI } = await start({ form: {} }, () => ({ action: "accept", content: {} }), {
    command,
    args: own,
    env,
  });
  deepEqual(await whoAmI(), SIGNED_IN);
  const [{ form }] = await s.requests("devicecode");
  equal(form.client_id, env.AZURE_CLIENT_ID);
});

test("mcp example: a user who declines ends the sign-in, and may be asked anew", async (t) => {
  const { s, start } = await arrange(t, { approveAfterPolls: null });
  const answers = ["decline", "cancel", "accept"];
  const { whoAmI } = await start({ form: {} }, async () => {
    const action = answers.shift();
    if (action === "accept") await s.approve();
    return { action, ...(action === "accept" && { content: {} }) };
  });
  const declined = { text: "The user did not want to sign in.", isError: true };
  deepEqual(await whoAmI(), declined);
  deepEqual(await whoAmI(), declined);
  deepEqual(await whoAmI(), SIGNED_IN);
});

test("mcp example: a user who signs in without answering the client is not kept waiting", async (t) => {
  const { start } = await arrange(t, { approveAfterPolls: 1 });
  const { whoAmI } = await start({ form: {} }, () => new Promise(() => {}));
  deepEqual(await whoAmI(), SIGNED_IN);
});

test("mcp example: a client that can't elicit gets a message, and the token next time", async (t) => {
  const { s, start } = await arrange(t, { approveAfterPolls: null });
  const { whoAmI } = await start();
  const first = await whoAmI();
  match(first.text, /^To sign in, .* enter the code \w+ .*\. Ask again afterwards\.$/);
  equal(first.isError, true);
  deepEqual(await whoAmI(), first, "the same code");
  await s.approve();
  await s.waitForRequests(1, { endpoint: "token", status: 200 });
  let next = await whoAmI();
  while (next.isError) next = await whoAmI();
  deepEqual(next, SIGNED_IN);
});

test("mcp example: five sibling processes share one sign-in", async (t) => {
  const { s, start, files } = await arrange(t, { approveAfterPolls: 1 });
  const never = () => {
    throw new Error("nobody asks a second time");
  };
  const siblings = await Promise.all(Array.from({ length: 5 }, () => start({ form: {} }, never)));
  const { whoAmI } = await start({ form: {} }, () => ({ action: "accept", content: {} }));
  deepEqual(await whoAmI(), SIGNED_IN);
  const before = (await s.requests()).length;
  for (const answer of await Promise.all(siblings.map((each) => each.whoAmI()))) {
    deepEqual(answer, SIGNED_IN);
  }
  equal((await s.requests()).length, before, "nothing more is asked of the service");
  deepEqual(await files(), ["mcp-example.nocae"]);
});
