/** What crosses the RPC of Workers: flows, records as plain data, and errors with their fields. */

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deepEqual, equal, match } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { bundleWorker, startWorkerd } from "./workerd.js";

const WORKER = fileURLToPath(new URL("rpc-worker.js", import.meta.url));

/** @param {{dir: string, caFile: string}} project */
export function addRpc({ dir, caFile }) {
  test("workers: flows, records and errors cross RPC with all their fields", async (t) => {
    await cp(WORKER, join(dir, "workers", "rpc-worker.js"));
    const worker = await bundleWorker({ dir, entry: "workers/rpc-worker.js", name: "rpc" });
    const { url, stop, output } = await startWorkerd({
      worker,
      caFile,
      flags: ["enhanced_error_serialization"], // as the README says
      entrypoint: "SignIns",
    });
    t.after(stop);
    const { userCode, username, error, required } = await (await fetch(url)).json();
    equal(userCode, "ABCD1234");
    equal(username, "ada@contoso.com");
    const { hint, ...rest } = error;
    match(hint, /Allow public client flows/);
    deepEqual(rest, {
      name: "AuthenticationError",
      message: "Authentication failed: invalid_client",
      statusCode: 401,
      errorResponse: { error: "invalid_client", errorCodes: [7000218] },
    });
    // All that a caller needs to sign in and ask again.
    deepEqual(required, {
      name: "AuthenticationRequiredError",
      scopes: ["User.Read", "Mail.Read"],
      claims: '{"access_token":{}}',
      getTokenOptions: {
        claims: '{"access_token":{}}',
        tenantId: "organizations",
        enableCae: true,
      },
    });
    equal(output(), "");
  });
}
