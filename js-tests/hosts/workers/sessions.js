/** The package's Worker example: whose session is whose, how it ends, and what nobody gets to see. */

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { deepEqual, equal, match, notEqual, ok } from "../../base/harness/assert.js";
import { createScenario } from "../../base/harness/scenario.js";
import { test } from "../../base/harness/suite.js";
import { bytesIn, storedIn } from "./stored.js";
import { visitExample } from "./visit.js";

const COOKIE =
  /^__Host-session=([0-9a-f]{64})\.([0-9a-f]{64}); Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=(\d+)$/;
/** The user acts when told to. */
const WAITING = { approveAfterPolls: null };
/** A token that has to be renewed at once: there are less than five minutes left. */
const STALE = 200;
const MINUTE = 60_000;
const DAY = 24 * 60 * 60;

/**
 * @param {{dir: string, ca: string, deployments: Record<string, import("./example.js").Deployment>}} world
 */
export function addSessions({ dir, ca, deployments: { example, brief, early } }) {
  const arrange = (t, config, { deployment = example, ...world } = {}) =>
    visitExample(t, { dir, ca, deployment, config, ...world });

  test("example: the id of a session is renewed when it is signed in", async (t) => {
    const { s, visitor } = await arrange(t, WAITING);
    const ada = visitor();
    const begun = await ada.ask("POST", "/signin");
    equal(begun.status, 303);
    const [, , key, lasts] = COOKIE.exec(begun.headers.get("set-cookie"));
    ok(lasts > 1490 && lasts <= 1500, `${lasts} s: as long as the code, and what comes after it`);
    const early = visitor(ada.cookie);
    const lost = visitor(ada.cookie);
    await s.approve();
    await sleep(1100);
    // An answer that is lost on its way is given again, and to all tabs the same.
    const tabs = Array.from({ length: 5 }, () => lost.ask("GET", "/"));
    const answers = await Promise.all(tabs);
    deepEqual([...new Set(answers.map(({ status }) => status))], [303]);
    equal(new Set(answers.map((answer) => answer.headers.get("set-cookie"))).size, 1);
    const renewal = await ada.ask("GET", "/");
    equal(renewal.status, 303);
    equal(ada.cookie, lost.cookie);
    const [, , newKey, newLasts] = COOKIE.exec(renewal.headers.get("set-cookie"));
    notEqual(newKey, key);
    ok(newLasts > DAY - 10 && newLasts <= DAY);
    const page = await ada.ask("GET", "/");
    equal(page.who, "ada@contoso.com");
    ok(!page.headers.has("set-cookie"));
    // Who knew the id from before has nothing of it.
    equal((await early.open()).state, "start");
    await early.signOut();
    equal((await ada.open()).who, "ada@contoso.com");
  });

  test("example: sign-out forgets everything", async (t) => {
    const { s, visitor, folder } = await arrange(t);
    const ada = visitor();
    await ada.begin();
    await ada.isSignedIn();
    const [before] = await storedIn(folder);
    equal(Object.keys(before).length, 2);
    const thief = visitor(ada.cookie);

    const { status, headers } = await ada.ask("POST", "/signout");
    equal(status, 303);
    match(headers.get("set-cookie"), /^__Host-session=; Path=\/; HttpOnly; Secure; .*Max-Age=0$/);
    equal((await ada.open(headers.get("location"))).title, "You are signed out");
    equal((await ada.open()).state, "start");
    equal((await thief.open()).state, "start");
    deepEqual(await storedIn(folder), [{}]);
    equal((await ada.signOut()).status, 200);

    await ada.begin();
    equal(await ada.isSignedIn(), "ada@contoso.com");
    equal((await thief.open()).state, "start");
    equal((await s.requests("devicecode")).length, 2);
  });

  test("example: who cancels a sign-in has no code any more", async (t) => {
    const { s, visitor, folder } = await arrange(t, WAITING);
    const ada = visitor();
    const { code } = await ada.begin();
    const other = visitor(ada.cookie);
    await ada.signOut();
    equal((await other.open()).state, "start");
    deepEqual(await storedIn(folder), [{}]);
    await s.approve(code);
    await sleep(1100);
    equal((await other.open()).state, "start");
    deepEqual(await s.requests("token"), []);
  });

  test("example: a poll that was under way at sign-out brings nobody back", async (t) => {
    const replies = { token: [{ default: true, delayMs: 1500 }] };
    const { s, visitor, folder } = await arrange(t, { replies }, { deployment: brief });
    const ada = visitor();
    await ada.begin();
    const thief = visitor(ada.cookie);
    await sleep(1100);
    const late = thief.open();
    await s.waitForRequests(1, { endpoint: "token" });
    await ada.signOut();
    equal((await late).state, "start"); // the tokens have come
    equal((await s.requests("token"))[0].status, 200);
    await sleep(5000); // and have been swept up
    deepEqual(await storedIn(folder), [{}]);
    equal((await thief.open()).state, "start");
    equal((await s.requests("token")).length, 1);
  });

  test("example: a renewal that was under way at sign-out leaves nothing", async (t) => {
    const replies = { refresh: [{ default: true, delayMs: 1000 }] };
    const config = { tokenExpiresIn: STALE, replies };
    const { s, visitor, folder } = await arrange(t, config, { deployment: brief });
    const ada = visitor();
    await ada.begin();
    while ((await ada.ask("GET", "/")).status !== 303) await sleep(100);
    const thief = visitor(ada.cookie);
    const late = thief.open();
    await s.waitForRequests(1, { endpoint: "refresh" });
    await ada.signOut();
    await late;
    equal((await thief.open()).state, "start");
    await sleep(5500);
    deepEqual(await storedIn(folder), [{}]);
  });

  test("example: a session ends, signed in or not", async (t) => {
    const { visitor, folder } = await arrange(
      t,
      { ...WAITING, expiresIn: 4 },
      { deployment: brief },
    );
    const more = await arrange(t, {}, { deployment: brief });
    const [ada, grace] = [visitor(), more.visitor()];
    await ada.begin();
    await grace.begin();
    await grace.isSignedIn();
    await ada.sees("failed");
    await Promise.all([ada.sees("start"), grace.sees("start")]);
    await sleep(2000); // the alarms have come
    deepEqual(await storedIn(folder), [{}]);
    deepEqual(await storedIn(more.folder), [{}]);
  });

  test("example: an alarm that comes early ends no session", async (t) => {
    const { visitor, folder } = await arrange(t, {}, { deployment: early });
    const ada = visitor();
    await ada.begin();
    await sleep(700);
    await ada.isSignedIn();
    await sleep(700);
    equal((await ada.open()).who, "ada@contoso.com");
    equal((await storedIn(folder)).length, 1);
  });

  test("example: two visitors are two users", async (t) => {
    const other = await createScenario({ ...WAITING, user: { username: "grace@fabrikam.com" } });
    t.after(() => other.remove());
    const config = { ...WAITING, tokenExpiresIn: STALE };
    const { s, visitor, evict, folder } = await arrange(t, config, { more: [other] });
    const [ada, grace] = [visitor(), visitor()];
    await ada.begin();
    await grace.begin();
    notEqual(ada.cookie, grace.cookie);
    await other.approve();
    equal(await grace.isSignedIn(), "grace@fabrikam.com");
    equal((await ada.open()).state, "waiting");
    await s.approve();
    equal(await ada.isSignedIn(), "ada@contoso.com");
    await other.script({ tokenExpiresIn: STALE });
    await Promise.all([evict(ada), evict(grace)]);
    const both = Array.from({ length: 10 }, () => [ada, grace]).flat();
    const pages = await Promise.all(both.map((each) => each.open()));
    for (const [n, { who }] of pages.entries()) {
      equal(who, both[n] === ada ? "ada@contoso.com" : "grace@fabrikam.com");
    }
    equal((await storedIn(folder)).length, 2);
    await ada.signOut();
    equal(await grace.isSignedIn(), "grace@fabrikam.com");
  });

  test("example: nobody's cookie gets nothing", async (t) => {
    const { s, visitor, folder } = await arrange(t, WAITING);
    const [id, key] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
    const ada = visitor();
    await ada.begin();
    const [, adasId, adasKey] = /=(\w+)\.(\w+)$/.exec(ada.cookie);
    const before = await storedIn(folder);
    const strangers = [
      "",
      `__Host-session=${id}.${key}`,
      `__Host-session=${adasId}.${key}`,
      `__Host-session=${adasId}.`,
      `__Host-session=${adasId}`,
      `__Host-session=${id}.${adasKey}`,
      "__Host-session=",
      "session=x",
      `x=${ada.cookie}`,
    ];
    for (const cookie of strangers) {
      equal((await visitor(cookie).open()).state, "start");
      equal((await visitor(cookie).signOut()).status, 200);
    }
    equal((await ada.open()).state, "waiting");
    equal((await storedIn(folder)).length, before.length);
    equal((await s.requests("devicecode")).length, 1);
    // A session never has an id that a visitor brought.
    const stranger = visitor(`__Host-session=${id}.${key}`);
    const { headers } = await stranger.ask("POST", "/signin");
    match(headers.get("set-cookie"), COOKIE);
    for (const each of [id, key]) ok(!headers.get("set-cookie").includes(each));
  });

  test("example: the cookie is found among others", async (t) => {
    const { visitor } = await arrange(t);
    const ada = visitor();
    await ada.begin();
    await ada.isSignedIn();
    for (const cookie of [`a=b; ${ada.cookie}; c=d`, `x-${ada.cookie}; ${ada.cookie}`]) {
      equal((await visitor(cookie).open()).who, "ada@contoso.com");
    }
  });

  test("example: a form of another site's does nothing", async (t) => {
    const { s, visitor } = await arrange(t);
    for (const site of ["cross-site", "same-site"]) {
      const elsewhere = { "sec-fetch-site": site };
      const { status, headers } = await visitor().ask("POST", "/signin", elsewhere);
      equal(status, 403);
      ok(!headers.has("set-cookie"));
    }
    deepEqual(await s.requests(), []);
    const ada = visitor();
    await ada.begin();
    await ada.isSignedIn();
    const { cookie } = ada;
    equal((await ada.ask("POST", "/signout", { "sec-fetch-site": "cross-site" })).status, 403);
    equal(ada.cookie, cookie);
    equal((await ada.open("/", "GET", { "sec-fetch-site": "cross-site" })).state, "signed-in");
  });

  test("example: a visitor may begin five sign-ins a minute, and others are not hindered", {
    timeout: 60_000,
  }, async (t) => {
    const { s, visitor } = await arrange(t, WAITING);
    const from = (address) => visitor().ask("POST", "/signin", { "cf-connecting-ip": address });
    // Here, it is the clock's minute: be done before the next one begins.
    const left = MINUTE - (Date.now() % MINUTE);
    if (left < 20_000) await sleep(left);
    const countFrom = async (addresses) => {
      const answers = [];
      for (const address of addresses) answers.push(await from(address));
      return answers.filter(({ status }) => status === 303).length;
    };
    equal(await countFrom(new Array(7).fill("203.0.113.7")), 5);
    const { status, headers, title } = await from("203.0.113.7");
    equal(status, 429);
    equal(headers.get("retry-after"), "60");
    equal(title, "Too many sign-ins");
    ok(!headers.has("set-cookie"));
    equal(await countFrom(["203.0.113.8"]), 1);
    // A network of IPv6, however an address in it is written.
    const inNetwork = ["::1", ":0:0:0:2", ":1:2:3:4", "::a:b:c", "::d", "::e"];
    equal(await countFrom(inNetwork.map((rest) => `2001:db8:0:9${rest}`)), 5);
    equal(await countFrom(["2001:db8::9:1:2:3:4", "2001:db8:0:8::1"]), 1);
    equal((await s.requests("devicecode")).length, 12);
  });

  test("example: who waits for a code or is signed in meets no limit", async (t) => {
    const { s, visitor } = await arrange(t, WAITING);
    const ada = visitor();
    for (let n = 0; n < 10; n++) equal((await ada.begin()).state, "waiting");
    await s.approve();
    await ada.isSignedIn();
    for (let n = 0; n < 10; n++) equal((await ada.begin()).state, "signed-in");
  });

  test("example: without the binding, there is no limit", async (t) => {
    const { visitor } = await arrange(t, WAITING, { isLimited: false });
    for (let n = 0; n < 8; n++) equal((await visitor().begin()).state, "waiting");
  });

  test("example: there is nothing else", async (t) => {
    const { visitor } = await arrange(t);
    for (const [method, path] of [
      ["GET", "/signin"],
      ["GET", "/signout"],
      ["POST", "/"],
      ["GET", "/session.js"],
    ]) {
      equal((await visitor().ask(method, path)).status, 404);
    }
  });

  test("example: what others say is text in the page", async (t) => {
    const username = `"><script src=//evil.example></script>&@contoso.com`;
    const { visitor } = await arrange(t, { user: { username } });
    const ada = visitor();
    await ada.begin();
    const { headers, text } = await ada.sees("signed-in");
    ok(
      text.includes("&quot;&gt;&lt;script src=//evil.example&gt;&lt;/script&gt;&amp;@contoso.com"),
    );
    ok(!text.includes("<script src=//"));
    const policy = headers.get("content-security-policy");
    match(policy, /^default-src 'none'; .*script-src 'self'; .*frame-ancestors 'none'$/);
    equal(headers.get("cache-control"), "no-store");
  });

  test("example: no token is stored, logged or shown as it is, nor a key", async (t) => {
    const config = { tokenExpiresIn: STALE };
    const { s, visitor, folder, issued, logged, stop } = await arrange(t, config);
    const ada = visitor();
    const shown = [await ada.begin()];
    const keys = [ada.cookie.split(".")[1]];
    shown.push(await ada.sees("signed-in"), await ada.open());
    keys.push(ada.cookie.split(".")[1]);
    ok((await s.requests("refresh")).length > 0);
    await stop();
    const stored = await bytesIn(folder);
    const places = {
      stored,
      logged: logged().join("\n"),
      shown: shown.map(({ text }) => text).join(),
    };
    match(stored, /"?alg|eyJ/);
    ok(issued.length > 5);
    for (const [place, text] of Object.entries(places)) {
      for (const token of issued) ok(!text.includes(token), `a token is ${place}`);
      for (const key of keys) ok(!text.includes(key), `a key is ${place}`);
    }
  });
}
