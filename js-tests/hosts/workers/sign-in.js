/** The package's Worker example: visitors sign in with a code, which is polled for while somebody looks. */

import { setTimeout as sleep } from "node:timers/promises";
import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { storedIn } from "./stored.js";
import { visitExample } from "./visit.js";

/** The user acts when told to. */
const WAITING = { approveAfterPolls: null };
/** A token that has to be renewed at once: there are less than five minutes left. */
const STALE = 200;

/**
 * @param {{dir: string, ca: string, deployments: Record<string, import("./example.js").Deployment>}} world
 */
export function addSignIn({ dir, ca, deployments: { example } }) {
  const arrange = (t, config) => visitExample(t, { dir, ca, deployment: example, config });

  test("example: wrangler has nothing to say against it", () => {
    doesNotMatch(example.output, /warning|error|deprecated|✘|▲/i);
    match(example.output, /env\.SESSIONS \(Session\)\s+Durable Object/);
    match(example.output, /env\.SIGN_INS \(5 requests\/60s\)\s+Rate Limit/);
  });

  test("example: 200 visits without a session ask nobody, and keep nothing", async (t) => {
    const { s, visitor, folder } = await arrange(t, WAITING);
    const visits = Array.from({ length: 200 }, (_, n) =>
      visitor().ask(n % 10 ? "GET" : "HEAD", n % 2 ? "/" : "/?utm_source=crawler"),
    );
    for (const { status, headers } of await Promise.all(visits)) {
      equal(status, 200);
      ok(!headers.has("set-cookie"));
    }
    const { state, title, text } = await visitor().open();
    equal(state, "start");
    equal(title, "Sign in");
    match(text, /<form method="post" action="\/signin"><button[^>]*>Sign in<\/button><\/form>/);
    for (const path of ["/signin", "/signout"]) equal((await visitor().open(path)).status, 404);
    deepEqual(await s.requests(), []);
    deepEqual(await storedIn(folder), []);
  });

  test("example: a sign-in is polled for while somebody looks, and never sooner than it may be", async (t) => {
    const { s, visitor } = await arrange(t, { ...WAITING, enforceInterval: true });
    const ada = visitor();
    const { status, state, code, text } = await ada.begin();
    equal(status, 200);
    equal(state, "waiting");
    match(text, /href="https:\/\/microsoft\.com\/devicelogin"/);
    match(text, new RegExp(`>${[...code].join(" ")}<`)); // for those who hear it
    match(text, /<svg /);
    await sleep(2500);
    deepEqual(await s.requests("token"), [], "nobody looks");

    for (const enough = Date.now() + 2500; Date.now() < enough; ) {
      const looks = await Promise.all(Array.from({ length: 5 }, () => ada.open()));
      deepEqual([...new Set(looks.map((look) => look.code))], [code]);
    }
    const polls = await s.requests("token");
    ok(polls.length >= 2, `${polls.length} polls`);
    const times = polls.map(({ at }) => at);
    for (const [n, at] of times.slice(1).entries()) {
      ok(at - times[n] >= 1000, `a poll came after ${at - times[n]} ms`);
    }
    equal(await s.approve(), 1);
    await sleep(1100);
    equal(await ada.isSignedIn(), "ada@contoso.com");
    const count = (await s.requests("token")).length;
    await sleep(1100);
    equal(await ada.isSignedIn(), "ada@contoso.com");
    equal((await s.requests("token")).length, count, "nobody polls any more");
    equal((await s.requests("devicecode")).length, 1);
  });

  test("example: the page tells when to look again, and never what Entra is polled with", async (t) => {
    const { s, visitor } = await arrange(t, { ...WAITING, interval: 30 });
    const { text } = await visitor().begin();
    const [, lookIn, endsIn] = /data-look-in="(\d+)" data-ends-in="(\d+)"/.exec(text);
    ok(lookIn > 20_000 && lookIn <= 30_000, lookIn);
    ok(endsIn > 880_000 && endsIn <= 900_000, endsIn);
    match(text, />15 min</);
    doesNotMatch(text, /device_?code/i);
    ok(!/[\w-]{100}/.test(text), "nothing is as long as the device code");
    equal(await s.approve(), 1);
  });

  test("example: who begins again while a code waits gets the same one, and who is signed in none", async (t) => {
    const { s, visitor } = await arrange(t, WAITING);
    const ada = visitor();
    const { code } = await ada.begin();
    const { cookie } = ada;
    equal((await ada.begin()).code, code);
    equal((await visitor(cookie).open()).code, code);
    equal(ada.cookie, cookie);
    await s.approve();
    await ada.isSignedIn();
    equal((await ada.begin()).state, "signed-in");
    equal((await s.requests("devicecode")).length, 1);
  });

  test("example: both Workers serve a token that they got from storage", async (t) => {
    const { s, visitor, restart } = await arrange(t);
    const ada = visitor();
    await ada.begin();
    await ada.isSignedIn();
    const before = (await s.requests()).length;
    await restart();
    for (let n = 0; n < 4; n++) equal((await ada.open()).who, "ada@contoso.com");
    equal((await s.requests()).length, before);
  });

  test("example: many requests at once renew a token once", async (t) => {
    const replies = { refresh: [{ default: true, delayMs: 500 }] };
    const { s, visitor, evict } = await arrange(t, { tokenExpiresIn: STALE, replies });
    const ada = visitor();
    await ada.begin();
    const expectRenewals = async (count) => {
      const pages = await Promise.all(Array.from({ length: 20 }, () => ada.open()));
      deepEqual([...new Set(pages.map(({ who }) => who))], ["ada@contoso.com"]);
      equal((await s.requests("refresh")).length, count);
    };
    // The redirect is the first sign of a sign-in. No token has been asked for yet.
    while ((await ada.ask("GET", "/")).status !== 303) await sleep(100);
    await s.script({ tokenExpiresIn: 3599 });
    await expectRenewals(1);
    // What was renewed is kept.
    await evict(ada);
    await expectRenewals(1);
  });

  test("example: a sign-in survives the eviction of its object", async (t) => {
    const { s, visitor, evict } = await arrange(t, WAITING);
    const ada = visitor();
    const { code } = await ada.begin();
    await evict(ada);
    equal((await ada.open()).code, code);
    await sleep(1100);
    equal((await ada.open()).code, code);
    ok((await s.requests("token")).length > 0);
    await evict(ada);
    await s.approve();
    equal(await ada.isSignedIn(), "ada@contoso.com");
    await evict(ada);
    equal(await ada.isSignedIn(), "ada@contoso.com");
    equal((await s.requests("devicecode")).length, 1);
  });

  test("example: a poll that dies with the process is sent again", async (t) => {
    const config = { ...WAITING, replies: { token: [{ hang: true }] } };
    const { s, visitor, restart } = await arrange(t, config);
    const ada = visitor();
    await ada.begin();
    await sleep(1100);
    const hanging = ada.open().catch(() => {});
    await s.waitForRequests(1, { endpoint: "token" });
    await restart();
    await hanging;
    await s.approve();
    equal(await ada.isSignedIn(), "ada@contoso.com");
    equal((await s.requests("token")).length, 2);
  });

  test("example: a poll whose visitor leaves is not lost", async (t) => {
    const replies = { token: [{ default: true, delayMs: 1000 }] };
    const { s, visitor, url } = await arrange(t, { replies });
    const ada = visitor();
    await ada.begin();
    await sleep(1100);
    const leaving = new AbortController();
    const left = fetch(url(), { headers: { cookie: ada.cookie }, signal: leaving.signal });
    await s.waitForRequests(1, { endpoint: "token" });
    leaving.abort();
    await left.catch(() => {});
    equal(await ada.isSignedIn(), "ada@contoso.com");
    equal((await s.requests("token")).length, 1);
  });

  test("example: a poll that Entra does not answer is no end", async (t) => {
    const faults = [{ status: 503, text: "later" }, { drop: "headers" }];
    const { visitor } = await arrange(t, { replies: { token: faults } });
    const ada = visitor();
    await ada.begin();
    equal(await ada.isSignedIn(), "ada@contoso.com");
  });

  test("example: a sign-in that is declined says so, and the next one is another", async (t) => {
    const { s, visitor } = await arrange(t, WAITING);
    const ada = visitor();
    const { code } = await ada.begin();
    const { cookie } = ada;
    await s.decline();
    const { title, text } = await ada.sees("failed");
    equal(title, "You are not signed in");
    match(text, /<p>The sign-in was declined\.<\/p>/);
    match(text, />Get a new code</);
    notEqual((await ada.begin()).code, code);
    notEqual(ada.cookie, cookie);
    await s.approve();
    equal(await ada.isSignedIn(), "ada@contoso.com");
    equal((await visitor(cookie).open()).state, "start");
  });

  test("example: a code that nobody entered expires, and that is said", async (t) => {
    const { s, visitor } = await arrange(t, { ...WAITING, expiresIn: 3 });
    const ada = visitor();
    const { code } = await ada.begin();
    match((await ada.sees("failed")).text, /<p>The code has expired\.<\/p>/);
    const polls = (await s.requests("token")).length;
    await sleep(1500);
    equal((await ada.open()).state, "failed");
    equal((await s.requests("token")).length, polls, "nobody polls any more");
    notEqual((await ada.begin()).code, code);
  });

  test("example: a code that expired while nobody looked is not polled for", async (t) => {
    const { s, visitor } = await arrange(t, { ...WAITING, interval: 1, expiresIn: 2 });
    const ada = visitor();
    await ada.ask("POST", "/signin");
    await sleep(2100);
    match((await ada.open()).text, /<p>The code has expired\.<\/p>/);
    deepEqual(await s.requests("token"), []);
  });

  test("example: a sign-in that can't begin is no session", async (t) => {
    const replies = { devicecode: [{ error: 7000218 }] };
    const { visitor, folder, logged } = await arrange(t, { replies });
    const ada = visitor();
    const { status, headers, title } = await ada.begin();
    equal(status, 503);
    equal(title, "That did not work just now");
    ok(!headers.has("set-cookie"));
    match(logged().join("\n"), /AADSTS7000218/);
    deepEqual(await storedIn(folder), [{}]);
  });

  test("example: a sign-in that was revoked ends with a text, and another one may begin", async (t) => {
    const { s, visitor } = await arrange(t, { tokenExpiresIn: STALE });
    const ada = visitor();
    await ada.begin();
    await ada.isSignedIn();
    await s.revoke();
    for (let n = 0; n < 2; n++) {
      const { state, text } = await ada.open();
      equal(state, "failed");
      match(text, /<p>The sign-in is no longer valid\.<\/p>/);
    }
    await ada.begin();
    equal(await ada.isSignedIn(), "ada@contoso.com");
  });

  test("example: a renewal that fails for now is tried again", async (t) => {
    const { s, visitor } = await arrange(t, { tokenExpiresIn: 1 });
    const ada = visitor();
    await ada.begin();
    await ada.isSignedIn();
    await sleep(1500);
    await s.script({ replies: { refresh: [{ error: "temporarily_unavailable", repeat: 4 }] } });
    equal((await ada.open()).status, 503);
    await s.script({ tokenExpiresIn: 3599 });
    equal(await ada.isSignedIn(), "ada@contoso.com");
  });
}
