/** The crate's example, which signs in without JavaScript and WebAssembly. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { doesNotMatch, equal, match } from "../base/harness/assert.js";
import { approve } from "../base/harness/person.js";
import { testServers } from "../base/harness/servers.js";
import { test } from "../base/harness/suite.js";
import { arrange } from "./arrange.js";
import { follow, place } from "./program.js";

const CRATE = fileURLToPath(new URL("../..", import.meta.url));

/** Builds it, which may take longer than a case has. */
export async function buildExample() {
  await promisify(execFile)("cargo", ["build", "--quiet", "--example", "sign_in"], { cwd: CRATE });
}

/**
 * @param {import("../base/harness/suite.js").TestContext} t
 * @param {string[]} args
 */
function signIn(t, args) {
  const target = process.env.CARGO_TARGET_DIR ?? join(CRATE, "target");
  const program = join(target, "debug", "examples", "sign_in");
  return follow(t, [program, ...args], { SSL_CERT_FILE: place.caFile });
}

test("native example: a sign-in at a real OpenID provider", async (t) => {
  const { url, tenant, clientId, scope } = testServers().oidc;
  const program = signIn(t, [url, tenant, clientId, scope]);
  const [, verificationUri, userCode] = await program.shows(/(https:\S+) .*code (\S+)/);
  await approve({ verificationUri, userCode, username: "ada@contoso.com" });
  const { status, stdout, stderr } = await program.ended;
  equal(
    stdout,
    "Signed in as ada@contoso.com\nThe token is kept in memory and good for 59 minutes\n",
    stderr,
  );
  equal(status, 0);
});

test("native example: what the server refuses is told, and a fault is no end", async (t) => {
  const token = [{ drop: "connect" }, { status: 503, text: "" }];
  const { s } = await arrange(t, { approveAfterPolls: null, replies: { token } });
  const program = signIn(t, [s.authority(), s.id, "an-app", "User.Read"]);
  await s.waitForRequests(3, { endpoint: "token", within: 40_000 });
  await s.decline();
  const { status, stdout, stderr } = await program.ended;
  equal(stdout, "");
  match(stderr, /^To sign in, [^\n]+\nError: "Authentication failed: [^\n]* denied the [^\n]+\n$/);
  doesNotMatch(stderr, /eyJ/);
  equal(status, 1);
});
