/** Redis, through unstorage and through MSAL's plugin for distributed caches. */

import Redis from "ioredis";
import { compactDecrypt } from "jose";
import { deepEqual, equal, match, ok, rejects } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { ARM, arrange, createKey, serveEachOther, unique } from "./arrange.js";

const TABLES = ["Account", "AccessToken", "RefreshToken", "IdToken"];

/**
 * @param {object} place
 * @param {import("./launch.js").Launch} place.launch
 * @param {string} place.redis
 */
export function addRedis({ launch, redis }) {
  for (const partitioned of [true, false]) {
    for (const key of [undefined, createKey()]) {
      const layout = partitioned ? "an item for each account" : "one item for all";
      test(`redis, unstorage: ${layout}${key ? ", encrypted" : ""}`, async (t) => {
        const client = connect(t);
        const name = unique();
        const a = await arrange(t, { redis, key, layout: { name, partitioned } });
        const visit = (errand) => launch("node", "redis-unstorage.js", errand);
        const { record } = await serveEachOther(a, visit);

        const item = partitioned ? `${name}.nocae.${encodeURIComponent(a.id)}` : `${name}.nocae`;
        deepEqual(await client.keys(`${name}*`), [item]);
        const text = await client.get(item);
        if (key) match(text, /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
        checkCache(key ? await opened(text, key) : text, a.id);

        await visit({ ...a.signOut, record });
        if (partitioned) deepEqual(await client.keys(`${name}*`), []);
        await rejects(visit({ ...a.getToken, record }), /AuthenticationRequiredError/);
      });
    }
  }

  test("redis, unstorage: what one runtime writes serves the others", async (t) => {
    const key = createKey();
    const { signIn, getToken, asked } = await arrange(t, {
      redis,
      key,
      layout: { name: unique() },
    });
    const visit = (runtime, errand) => launch(runtime, "redis-unstorage.js", errand);
    const { record, token } = await visit("bun", signIn);
    const known = { ...getToken, record };
    equal((await visit("deno", known)).token, token);
    const { token: renewed } = await visit("deno", { ...known, scope: ARM });
    equal((await visit("node", { ...known, scope: ARM })).token, renewed);
    equal((await visit("bun", { ...known, scope: ARM })).token, renewed);
    deepEqual(await asked(), ["devicecode", "token", "refresh"]);
  });

  test("redis, unstorage: two accounts, an item for each", async (t) => {
    const client = connect(t);
    const name = unique();
    const layout = { name };
    const visit = (errand) => launch("node", "redis-unstorage.js", errand);
    const all = await Promise.all([1, 2].map(() => arrange(t, { redis, layout })));
    const signedIn = await Promise.all(all.map(({ signIn }) => visit(signIn)));
    equal((await client.keys(`${name}*`)).length, 2);
    await visit({ ...all[0].signOut, record: signedIn[0].record });
    deepEqual(await client.keys(`${name}*`), [`${name}.nocae.${encodeURIComponent(all[1].id)}`]);
    const { token } = await visit({ ...all[1].getToken, record: signedIn[1].record });
    equal(token, signedIn[1].token);
  });

  for (const partitioned of [true, false]) {
    const layout = partitioned ? "the account's item" : "the item";
    test(`redis, unstorage: garbage in ${layout} is set aside`, async (t) => {
      const client = connect(t);
      const name = unique();
      const { id, ...a } = await arrange(t, { redis, layout: { name, partitioned } });
      const item = partitioned ? `${name}.nocae.${encodeURIComponent(id)}` : `${name}.nocae`;
      const visit = (errand) => launch("node", "redis-unstorage.js", errand);
      await client.set(item, "{ garbage");
      const { record, token, warnings } = await visit(a.signIn);
      match(warnings.join("\n"), /\.unreadable`/);
      const [aside, ...more] = (await client.keys(`${name}*`)).filter((each) => each !== item);
      deepEqual(more, []);
      ok(aside.startsWith(`${item}.unreadable`), aside);
      equal(await client.get(aside), "{ garbage");
      const second = await visit({ ...a.getToken, record });
      deepEqual(second, { token, warnings: [] });
    });
  }

  test("redis, unstorage: another key, and none at all, leave alone what is encrypted", async (t) => {
    const client = connect(t);
    const name = unique();
    const a = await arrange(t, { redis, layout: { name } });
    const visit = (errand) => launch("node", "redis-unstorage.js", errand);
    const key = createKey();
    const { record, token } = await visit({ ...a.signIn, key });
    const item = `${name}.nocae.${encodeURIComponent(a.id)}`;
    const sealed = await client.get(item);
    for (const other of [createKey(), undefined]) {
      await rejects(
        visit({ ...a.getToken, record, key: other }),
        /AuthenticationRequiredError|CredentialUnavailableError/,
      );
    }
    equal(await client.get(item), sealed);
    equal((await visit({ ...a.getToken, record, key })).token, token);
  });

  test("redis, MSAL's plugin: one key for all, and msal-node reads it", async (t) => {
    const client = connect(t);
    const partitions = { one: unique() };
    const a = await arrange(t, { redis, partitions });
    const visit = (errand) => launch("node", "redis-plugin.js", errand);
    const { token } = await serveEachOther(a, visit);
    deepEqual(await client.keys(`${partitions.one}*`), [partitions.one]);
    const theirs = await launch("node", "redis-msal.js", a.getToken);
    deepEqual(theirs, { token, accounts: [a.id] });
    equal((await a.asked()).length, 3);
  });

  test("redis, MSAL's plugin: what msal-node wrote serves us", async (t) => {
    const a = await arrange(t, { redis, partitions: { one: unique() } });
    const { record, token } = await launch("node", "redis-msal.js", a.signIn);
    const before = (await a.asked()).length;
    const ours = await launch("node", "redis-plugin.js", { ...a.getToken, record });
    deepEqual(ours, { token, warnings: [] });
    equal((await a.asked()).length, before);
  });

  test("redis, MSAL's plugin: a key for each account, which the first session can't know", async (t) => {
    const client = connect(t);
    const perAccount = unique();
    const a = await arrange(t, { redis, partitions: { perAccount } });
    const current = a.id;
    const visit = (errand) => {
      const partitions = { perAccount, ...(errand.record && { current }) };
      return launch("node", "redis-plugin.js", { ...errand, partitions });
    };
    const { token } = await serveEachOther(a, visit);
    deepEqual(await client.keys(`${perAccount}*`), [`${perAccount}:${a.id}`]);
    const partitions = { perAccount, current };
    const theirs = await launch("node", "redis-msal.js", { ...a.getToken, partitions });
    deepEqual(theirs, { token, accounts: [a.id] });
  });

  function connect(t) {
    const client = new Redis(redis);
    t.after(() => client.disconnect());
    return client;
  }
}

/** MSAL's tables, of one account. */
function checkCache(text, id) {
  const cache = JSON.parse(text);
  for (const table of TABLES) {
    for (const row of Object.values(cache[table])) equal(row.home_account_id, id);
    ok(Object.keys(cache[table]).length > 0, table);
  }
}

/** What is encrypted is a JWE, which other programs can open. */
async function opened(jwe, key) {
  const { plaintext } = await compactDecrypt(jwe, Buffer.from(key, "base64"));
  return new TextDecoder().decode(plaintext);
}
