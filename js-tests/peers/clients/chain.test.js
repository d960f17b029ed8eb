/** Ours among others in a chain of `@azure/identity`, inside a client that is given the chain. */

import {
  ChainedTokenCredential,
  getBearerTokenProvider,
  DeviceCodeCredential as TheirCredential,
} from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";
import { deepEqual, equal, match, rejects } from "../../base/harness/assert.js";
import { testServers } from "../../base/harness/servers.js";
import { test } from "../../base/harness/suite.js";
import { arrange, SIGN_IN } from "./arrange.js";

const SCOPE = "https://storage.azure.com/.default";

/** A client's operation; the client's own cache of tokens is new each time. */
function operate(...credentials) {
  const { blob } = /** @type {any} */ (testServers()).azurite;
  const service = new BlobServiceClient(blob, new ChainedTokenCredential(...credentials));
  return service.createContainer(`c-${crypto.randomUUID()}`);
}

test("chain: one that may not prompt leaves it to the next", async (t) => {
  const [ours, next] = [await arrange(t), await arrange(t)];
  const quiet = ours.create({ disableAutomaticAuthentication: true });
  await operate(quiet, next.create());
  equal(ours.prompts.length, 0);
  deepEqual(await next.asked(), SIGN_IN);

  // Once its user has signed in, it is the first to serve.
  await quiet.authenticate({ scopes: SCOPE, enableCae: true });
  await operate(quiet, next.create());
  deepEqual(await ours.asked(), SIGN_IN);
  equal((await next.asked()).length, 3);
});

test("chain: one that is closed leaves it to the next", async (t) => {
  const [ours, next] = [await arrange(t), await arrange(t)];
  const closed = ours.create();
  closed.close();
  await operate(closed, next.create());
  deepEqual(await ours.asked(), []);
  deepEqual(await next.asked(), SIGN_IN);
});

test("chain: one that failed ends it", async (t) => {
  const refusing = { replies: { devicecode: [{ error: 7000218, repeat: "forever" }] } };
  const [ours, next] = [await arrange(t, refusing), await arrange(t)];
  const error = await rejects(operate(ours.create(), next.create()), {
    name: "AuthenticationError",
  });
  deepEqual(error.errorResponse.errorCodes, [7000218]);
  deepEqual(await next.asked(), []);
});

test("chain: theirs, which may not prompt, leaves it to ours", async (t) => {
  const { s, create, asked, prompts } = await arrange(t);
  const theirs = new TheirCredential({
    authorityHost: s.authority(),
    tenantId: s.id,
    disableInstanceDiscovery: true,
    disableAutomaticAuthentication: true,
  });
  await operate(theirs, create());
  equal(prompts.length, 1);
  deepEqual((await asked()).slice(-3), SIGN_IN);
});

test("chain: when none can, the chain says why of each", async (t) => {
  const [one, two] = [await arrange(t), await arrange(t)];
  const closed = two.create();
  closed.close();
  const quiet = one.create({ disableAutomaticAuthentication: true });
  const error = await rejects(operate(quiet, closed), { name: "AggregateAuthenticationError" });
  deepEqual(
    error.errors.map(({ name }) => name),
    ["AuthenticationRequiredError", "CredentialUnavailableError"],
  );
  match(error.message, /closed/);
});

test("chain: getBearerTokenProvider gives tokens, for one prompt", async (t) => {
  const { create, asked } = await arrange(t);
  const provide = getBearerTokenProvider(create(), SCOPE);
  const token = await provide();
  equal(token.split(".").length, 3);
  equal(await provide(), token);
  deepEqual(await asked(), SIGN_IN);
});
