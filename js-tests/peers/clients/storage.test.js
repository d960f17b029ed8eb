/** `@azure/storage-blob` and `@azure/storage-queue` against Azurite, which looks at what the token says. */

import { BlobServiceClient } from "@azure/storage-blob";
import { QueueServiceClient } from "@azure/storage-queue";
import { deepEqual, equal, match, rejects } from "../../base/harness/assert.js";
import { testServers } from "../../base/harness/servers.js";
import { test } from "../../base/harness/suite.js";
import { arrange, askedScopes, SIGN_IN } from "./arrange.js";

const azurite = () => /** @type {any} */ (testServers()).azurite;
const blobs = (credential) => new BlobServiceClient(azurite().blob, credential);
const queues = (credential) => new QueueServiceClient(azurite().queue, credential);
const unique = (what) => `${what}-${crypto.randomUUID()}`;

test("storage: a blob is uploaded, listed and downloaded, for one prompt", async (t) => {
  const { s, create, prompts, asked } = await arrange(t);
  const container = blobs(create()).getContainerClient(unique("c"));
  await container.create();
  const text = "a blob\n".repeat(1000);
  await container.getBlockBlobClient("one.txt").upload(text, text.length);

  const names = [];
  for await (const { name } of container.listBlobsFlat()) names.push(name);
  deepEqual(names, ["one.txt"]);
  const downloaded = await container.getBlobClient("one.txt").downloadToBuffer();
  equal(downloaded.toString(), text);
  equal(prompts.length, 1);
  deepEqual(await asked(), SIGN_IN);
  const [, device] = await s.requests();
  deepEqual(askedScopes(device), ["https://storage.azure.com/.default"]);
});

test("storage: a message goes through a queue", async (t) => {
  const { create, asked } = await arrange(t);
  const queue = queues(create()).getQueueClient(unique("q"));
  await queue.create();
  await queue.sendMessage("hello");
  const { receivedMessageItems } = await queue.receiveMessages();
  const [{ messageText, messageId, popReceipt }] = receivedMessageItems;
  equal(messageText, "hello");
  await queue.deleteMessage(messageId, popReceipt);
  equal((await queue.receiveMessages()).receivedMessageItems.length, 0);
  deepEqual(await asked(), SIGN_IN);
});

test("storage: clients that begin at once share a prompt", async (t) => {
  const { create, prompts, asked } = await arrange(t);
  const credential = create();
  await Promise.all([
    ...[1, 2, 3].map(() => blobs(credential).createContainer(unique("c"))),
    ...[1, 2].map(() => queues(credential).createQueue(unique("q"))),
  ]);
  equal(prompts.length, 1);
  deepEqual(await asked(), SIGN_IN);
});

test("storage: another client of a user who has signed in asks nothing", async (t) => {
  const { create, asked } = await arrange(t);
  const credential = create();
  // The clients ask for tokens with Continuous Access Evaluation.
  await credential.authenticate({
    scopes: "https://storage.azure.com/.default",
    enableCae: true,
  });
  await blobs(credential).createContainer(unique("c"));
  await queues(credential).createQueue(unique("q"));
  deepEqual(await asked(), SIGN_IN);
});

test("storage: a token about to expire is renewed without a prompt", async (t) => {
  const { s, create, prompts } = await arrange(t, { tokenExpiresIn: 60 });
  const container = blobs(create()).getContainerClient(unique("c"));
  await container.create();
  // The client goes on with the token it has, and renews it meanwhile.
  await s.script({ tokenExpiresIn: 3600 });
  equal(await container.exists(), true);
  await s.waitForRequests(1, { endpoint: "refresh" });
  equal(await container.exists(), true);
  equal((await s.requests("refresh")).length, 1);
  equal(prompts.length, 1);
});

test("storage: while Entra is down, the client goes on with the token it has", async (t) => {
  const down = { refresh: [{ status: 503, repeat: "forever" }] };
  const { s, create, prompts } = await arrange(t, { tokenExpiresIn: 60, replies: down });
  const credential = create({ retryOptions: { maxRetries: 0 } });
  const container = blobs(credential).getContainerClient(unique("c"));
  await container.create();
  equal(await container.exists(), true);
  await s.waitForRequests(1, { endpoint: "refresh" });
  // Another client has no token of its own yet, and gets the one that is left.
  await blobs(credential).createContainer(unique("c"));
  equal(prompts.length, 1);
});

test("storage: `refresh_in` makes the client renew early", async (t) => {
  const { s, create, prompts } = await arrange(t, { refreshIn: 1 });
  const container = blobs(create()).getContainerClient(unique("c"));
  await container.create();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await s.script({ refreshIn: 1800 });
  equal(await container.exists(), true);
  await s.waitForRequests(1, { endpoint: "refresh" });
  equal(await container.exists(), true);
  equal((await s.requests("refresh")).length, 1);
  equal(prompts.length, 1);
});

// Else the cases above would say nothing about the token.
const REFUSED = {
  "another audience": { aud: "https://management.azure.com" },
  "another issuer": { iss: "https://issuer.test/" },
  "no expiry": { exp: null },
  "an expiry that has passed": { exp: 1_700_000_000 },
};
for (const [what, accessTokenClaims] of Object.entries(REFUSED)) {
  test(`storage: Azurite refuses a token with ${what}`, async (t) => {
    const { create } = await arrange(t, { accessTokenClaims });
    const creating = blobs(create()).createContainer(unique("c"));
    const { statusCode } = await rejects(creating, { name: "RestError" });
    match(String(statusCode), /^40[13]$/);
  });
}

test("storage: who declines is not asked again until the app asks again", async (t) => {
  const { s, create, prompts } = await arrange(t, { approveAfterPolls: null });
  const service = blobs(create());
  const first = service.createContainer(unique("c"));
  await s.waitForRequests(1, { endpoint: "token" });
  await s.decline();
  const error = await rejects(first, { name: "AuthenticationError" });
  equal(error.errorResponse.error, "authorization_declined");
  equal(prompts.length, 1);

  await s.script({ approveAfterPolls: 0 });
  await service.createContainer(unique("c"));
  equal(prompts.length, 2);
});

test("storage: the client's retries do not prompt again when nobody came", async (t) => {
  const { create, prompts } = await arrange(t, { approveAfterPolls: null });
  const creating = blobs(create({ timeout: 2 })).createContainer(unique("c"));
  await rejects(creating, { name: "AuthenticationError", message: /timed out/i });
  equal(prompts.length, 1);
});

test("storage: an operation that is aborted stops waiting for the user", async (t) => {
  const { s, create, asked } = await arrange(t, { approveAfterPolls: null });
  const service = blobs(create());
  const aborter = new AbortController();
  const creating = service.createContainer(unique("c"), { abortSignal: aborter.signal });
  await s.waitForRequests(1, { endpoint: "token" });
  aborter.abort();
  await rejects(creating, { name: "AbortError" });
  const polls = (await asked()).length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  equal((await asked()).length, polls);
});

test("storage: a closed credential ends the operation, with its own error", async (t) => {
  const { create, asked } = await arrange(t);
  const credential = create();
  const service = blobs(credential);
  await service.createContainer(unique("c"));
  credential.close();
  // The client that has a token goes on with it; another one gets none.
  await service.createContainer(unique("c"));
  const creating = blobs(credential).createContainer(unique("c"));
  await rejects(creating, { name: "CredentialUnavailableError" });
  deepEqual(await asked(), SIGN_IN);
});
