/** `login` and `logout`. */

import { deepEqual, equal, match } from "../base/harness/assert.js";
import { test } from "../base/harness/suite.js";
import { arrange, KNOWN_REFRESH_TOKEN, SCOPE, showsNoSecret } from "./arrange.js";
import { startCli } from "./program.js";
import { RUNTIMES } from "./runtimes.js";

for (const { name: on } of RUNTIMES) {
  test(`login on ${on}: the record on stdout, the rest on stderr`, async (t) => {
    const { s, at } = await arrange(t, { replies: KNOWN_REFRESH_TOKEN });
    const program = startCli(t, ["login", "--scope", SCOPE, ...at], { on });
    const { status, stdout, stderr } = await program.ended;
    const { username, tenantId, clientId, version, homeAccountId } = JSON.parse(stdout);
    deepEqual(
      { username, tenantId, homeAccountId, version, clientId },
      {
        username: s.user.username,
        tenantId: s.user.tid,
        homeAccountId: `${s.user.oid}.${s.user.tid}`,
        version: "1.0",
        clientId: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
      },
    );
    match(stderr, new RegExp(`\\nSigned in as ${s.user.username}, tenant ${s.user.tid}\\.\\n$`));
    equal(status, 0);
    await showsNoSecret(s, stderr);
  });

  test(`logout on ${on}: says that nothing is kept`, async (t) => {
    const { status, stdout, stderr } = await startCli(t, ["logout"], { on }).ended;
    equal(stdout, "");
    equal(
      stderr,
      "No sign-in is kept between runs unless --cache is given: there is nothing to forget.\n",
    );
    equal(status, 0);
  });
}

test("login: a cloud without a known default needs a scope, and the error says so", async (t) => {
  const { s, at } = await arrange(t);
  const { status, stdout, stderr } = await startCli(t, ["login", ...at, "--output", "json"]).ended;
  equal(stdout, "");
  match(stderr, /^entra-device-code: [^\n]*--scope[^\n]*\n$/);
  equal(status, 2);
  equal((await s.requests("devicecode")).length, 0);
});
