/** The longer examples that the package brings, each run as a reader would run it: the server, TypeScript, the proxy. */

import { readFile } from "node:fs/promises";
import { createServer as createProxy } from "node:http";
import { createServer, request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { equal, match, ok } from "../base/harness/assert.js";
import { testServers } from "../base/harness/servers.js";
import { test } from "../base/harness/suite.js";
import { program as programOf } from "../base/runners/runtimes.js";
import { createCertificate } from "../base/servers/certificate.js";
import { arrange } from "./arrange.js";
import { folderWith } from "./folder.js";
import { onNetwork, place, start } from "./program.js";

const ME = "https://graph.microsoft.com/v1.0/me";
const SUBSCRIPTIONS = "https://management.azure.com/subscriptions?api-version=2022-12-01";
const ADA = { displayName: "Ada", userPrincipalName: "ada@contoso.com" };

/** A browser that keeps the server's cookie. */
function createVisitor(url) {
  let cookie = "";
  return async (method, path) => {
    const headers = { cookie, origin: url };
    const response = await fetch(`${url}${path}`, { method, headers });
    const [set] = response.headers.getSetCookie().slice(-1);
    if (set) [cookie] = set.split(";");
    return { status: response.status, cookie, body: await response.json() };
  };
}

/** Asks who signed in, again and again, until the server knows. */
async function signedIn(visit) {
  for (let polls = 0; polls < 100; polls += 1) {
    const answer = await visit("GET", "/me");
    if (answer.status !== 202) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("nobody signed in");
}

test("examples: a server with many users, server.js", async (t) => {
  const { s } = await arrange(t, { approveAfterPolls: null });
  const network = onNetwork(s, { [ME]: { scope: "User.Read", body: ADA } });
  const server = start(t, "server.js", [], {
    ...network,
    cwd: await folderWith("server/server.js"),
    env: { ...network.env, AZURE_TENANT_ID: "contoso.com", PORT: "0" },
  });
  const [url] = await server.shows(/http:\/\/localhost:\d+/);
  const elsewhere = { method: "POST", headers: { origin: "https://elsewhere.example" } };
  equal((await fetch(`${url}/signin`, elsewhere)).status, 403);
  const [ada, bea] = [createVisitor(url), createVisitor(url)];
  equal((await ada("GET", "/me")).status, 401);
  const { body, cookie } = await ada("POST", "/signin");
  const [code] = body.message.match(/[A-Z0-9]{8,9}(?= )/) ?? [];
  await bea("POST", "/signin");
  equal((await ada("GET", "/me")).status, 202);
  await s.approve(code);
  const answer = await signedIn(ada);
  equal(answer.status, 200, JSON.stringify(answer.body));
  equal(answer.body.displayName, "Ada");
  ok(answer.cookie !== cookie, "another id than that of the sign-in");
  equal((await bea("GET", "/me")).status, 202, "nobody else's session");
  const before = (await s.requests()).length;
  equal((await ada("GET", "/me")).body.displayName, "Ada");
  equal((await s.requests()).length, before, "from the store");
  equal((await ada("POST", "/signout")).status, 200);
  equal((await ada("GET", "/me")).status, 401);
  await s.decline();
  const declined = await signedIn(bea);
  equal(declined.status, 401);
  match(declined.body.message, /declined/);
});

for (const on of ["node24", "bun", "deno"]) {
  test(`examples: TypeScript on ${on}, subscriptions.ts, which asks the first time only`, async (t) => {
    const { s } = await arrange(t);
    const value = [{ subscriptionId: "1234", displayName: "Pay as you go" }];
    const resources = { [SUBSCRIPTIONS]: { scope: "user_impersonation", body: { value } } };
    const cwd = await folderWith("typescript/subscriptions.ts");
    const network = onNetwork(s, resources);
    const options = { ...network, cwd, env: { ...network.env, HOME: cwd } };
    const host =
      on === "node24" ? { executable: programOf("node24") } : { on: /** @type {string} */ (on) };
    for (const asks of [true, false]) {
      const program = start(t, "subscriptions.ts", ["--tenant", "contoso.com"], {
        ...options,
        ...host,
      });
      const { status, stdout, stderr } = await program.ended;
      equal(stdout, "1234  Pay as you go\n", stderr);
      equal(/To sign in, /.test(stderr), asks, stderr);
      equal(status, 0);
    }
    equal((await s.requests("devicecode")).length, 1);
    equal(
      JSON.parse(await readFile(join(cwd, "subscriptions.account.json"), "utf8")).version,
      "1.0",
    );
  });
}

test("examples: proxy.js goes through the proxy, and nowhere else", async (t) => {
  const { s } = await arrange(t);
  const certificate = await createCertificate();
  t.after(() => certificate.remove());
  // What is behind the proxy: Microsoft's host, as far as the program can tell.
  const ca = await readFile(place.caFile, "utf8");
  const { key, cert } = certificate;
  const behind = createServer({ key, cert }, (asked, answer) => {
    const { method, headers, url } = asked;
    const entra = `${testServers().entra.url}/~${s.id}/${headers.host}${url}`;
    const onward = request(entra, { method, headers, ca, servername: "localhost" }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    asked.pipe(onward);
  });
  const connected = [];
  const proxy = createProxy().on("connect", ({ url }, socket) => {
    connected.push(url);
    const onward = connect(portOf(behind), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on("error", () => {});
  });
  for (const server of [behind, proxy]) {
    await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
    t.after(() => server.close());
  }
  const program = start(t, "proxy.js", [], {
    cwd: await folderWith("proxy.js"),
    env: {
      HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
      NODE_TLS_REJECT_UNAUTHORIZED: "0", // the certificate is for another name
      NODE_NO_WARNINGS: "1",
    },
  });
  const { status, stdout, stderr } = await program.ended;
  match(stdout, /^To sign in, [^\n]+\nA token until \d{4}-[^\n]+Z\n$/, stderr);
  equal(status, 0);
  ok(connected.length > 0);
  equal([...new Set(connected)].join(), "login.microsoftonline.com:443");
});

function portOf(server) {
  return server.address().port;
}
