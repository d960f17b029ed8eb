/** The package's Worker example: visitors sign in with a code that an alarm polls for, and are known by a cookie. */

import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from "../harness/assert.js";
import { createScenario } from "../harness/scenario.js";
import { test } from "../harness/suite.js";
import { bundleExample, serve } from "./example.js";
import { createNetwork } from "./network.js";
import { bytesIn, storedIn } from "./stored.js";

const COOKIE =
  /^__Host-session=([0-9a-f]{64}); Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=86400$/;
const JSON_PLEASE = { accept: "application/json" };
/** The user acts when told to. */
const WAITING = { approveAfterPolls: null };
/** A token that has to be renewed at once: there are less than five minutes left. */
const STALE = 200;

/** @param {{project: import("../runners/project.js").Project, caFile: string}} world */
export async function addSignIn({ project, caFile }) {
  const example = await bundleExample(project, "example");
  // In this one, a session is short, and so is what comes after it.
  const brief = await bundleExample(project, "brief-example", [
    ["SESSION_LIFE = 24 * 60 * 60", "SESSION_LIFE = 8"],
    ["AFTERMATH = 10 * 60_000", "AFTERMATH = 2_000"],
  ]);
  // In this one, an alarm comes again, soon after one that had nothing left to poll for.
  const repetitive = await bundleExample(project, "repetitive-example", [
    ["}, wakeAt);\n    } else", "}, session.flow ? wakeAt : Date.now() + 300);\n    } else"],
  ]);
  const ca = await readFile(caFile, "utf8");

  test("example: wrangler has nothing to say against it", () => {
    doesNotMatch(example.output, /warning|error|deprecated|✘|▲/i);
    match(example.output, /env\.SESSIONS \(Session\)\s+Durable Object/);
  });

  test("example: a sign-in, which an alarm polls for while nobody asks", async (t) => {
    const { s, visitor } = await arrange(t, { ...WAITING, enforceInterval: true });
    const ada = visitor();
    const begun = await ada.get("/signin");
    equal(begun.status, 200);
    match(begun.headers.get("content-type"), /^text\/plain/);
    equal(begun.headers.get("cache-control"), "no-store");
    match(begun.headers.get("set-cookie"), COOKIE);
    match(begun.text, /^To sign in, .* enter the code \w+ to authenticate\.\n$/);

    const waiting = await ada.get("/me");
    equal(waiting.status, 401);
    equal(waiting.text, begun.text);
    ok(waiting.headers.has("www-authenticate"));

    await s.waitForRequests(2, { endpoint: "token" });
    equal(await s.approve(), 1);
    await s.waitForRequests(3, { endpoint: "token" });
    equal(await ada.isSignedIn(), "ada@contoso.com");

    const polls = await s.requests("token");
    deepEqual(
      polls.map(({ status }) => status),
      [400, 400, 200],
    );
    const [code] = await s.requests("devicecode");
    const times = [code, ...polls].map(({ at }) => at);
    for (const [n, at] of times.slice(1).entries()) {
      ok(at - times[n] >= 1000, `poll ${n} came after ${at - times[n]} ms`);
    }
    await sleep(1500);
    equal((await s.requests("token")).length, 3, "nobody polls any more");
  });

  test("example: a sign-in as JSON, without the device code", async (t) => {
    const { s, visitor } = await arrange(t, WAITING);
    const { headers, text } = await visitor().get("/signin", JSON_PLEASE);
    match(headers.get("content-type"), /^application\/json/);
    const { message, userCode, verificationUri, expiresOnTimestamp, ...more } = JSON.parse(text);
    deepEqual(more, {});
    match(message, new RegExp(userCode));
    equal(verificationUri, "https://microsoft.com/devicelogin");
    ok(Math.abs(expiresOnTimestamp - Date.now() - 900_000) < 10_000);
    equal(await s.approve(userCode), 1);
  });

  test("example: who looks again sees the same code, and then who signed in", async (t) => {
    const { s, visitor } = await arrange(t, WAITING);
    const ada = visitor();
    const begun = await ada.get("/signin");
    const again = await ada.get("/signin");
    equal(again.text, begun.text);
    ok(!again.headers.has("set-cookie"));
    await s.approve();
    await ada.isSignedIn();
    match((await ada.get("/signin")).text, /^ada@contoso\.com is signed in\./);
    equal((await s.requests("devicecode")).length, 1);
  });

  test("example: both Workers serve a token that they got from storage", async (t) => {
    const { s, visitor, restart } = await arrange(t);
    const ada = visitor();
    await ada.get("/signin");
    await ada.isSignedIn();
    const before = (await s.requests()).length;
    await restart();
    for (let n = 0; n < 4; n++) equal((await ada.get("/me")).status, 200);
    equal((await s.requests()).length, before);
  });

  test("example: many requests at once renew a token once", async (t) => {
    const { s, visitor, evict } = await arrange(t, { tokenExpiresIn: STALE });
    const ada = visitor();
    await ada.get("/signin");
    await s.waitForRequests(1, { endpoint: "token" });
    while ((await ada.get("/signin")).text.startsWith("To sign in")) await sleep(100);
    const expectRenewals = async (count) => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => ada.get("/me")));
      deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
      equal((await s.requests("refresh")).length, count);
    };
    await s.script({ tokenExpiresIn: 3599, replies: { refresh: [{ delayMs: 500 }] } });
    await expectRenewals(1);
    // What was renewed is kept.
    await evict(ada);
    await expectRenewals(1);
  });

  test("example: a sign-in survives the eviction of its object", async (t) => {
    const { s, visitor, evict } = await arrange(t, WAITING);
    const ada = visitor();
    const { text } = await ada.get("/signin");
    await s.waitForRequests(1, { endpoint: "token" });
    await evict(ada);
    equal((await ada.get("/me")).text, text);
    await s.waitForRequests(2, { endpoint: "token" });
    await evict(ada);
    await s.approve();
    equal(await ada.isSignedIn(), "ada@contoso.com");
    await evict(ada);
    equal((await ada.get("/me")).status, 200);
    equal((await s.requests("devicecode")).length, 1);
  });

  test("example: a poll that dies with the process is sent again", async (t) => {
    const config = { ...WAITING, replies: { token: [{ hang: true }] } };
    const { s, visitor, restart } = await arrange(t, config);
    const ada = visitor();
    await ada.get("/signin");
    await s.waitForRequests(1, { endpoint: "token" });
    await restart();
    await s.approve();
    await s.waitForRequests(2, { endpoint: "token" });
    equal(await ada.isSignedIn(), "ada@contoso.com");
  });

  test("example: a sign-in survives a restart between two alarms", async (t) => {
    const { s, visitor, restart } = await arrange(t, { ...WAITING, interval: 2 });
    const ada = visitor();
    const { text } = await ada.get("/signin");
    await s.waitForRequests(1, { endpoint: "token" });
    await restart();
    await s.waitForRequests(2, { endpoint: "token" });
    equal((await ada.get("/me")).text, text);
    await restart();
    await s.approve();
    await s.waitForRequests(3, { endpoint: "token" });
    equal(await ada.isSignedIn(), "ada@contoso.com");
  });

  test("example: a poll that Entra does not answer is no end", async (t) => {
    const faults = [{ status: 503, text: "later" }, { drop: "headers" }];
    const { visitor } = await arrange(t, { replies: { token: faults } });
    const ada = visitor();
    await ada.get("/signin");
    equal(await ada.isSignedIn(), "ada@contoso.com");
  });

  test("example: a sign-in that is declined says so, and the next one is another", async (t) => {
    const { s, visitor } = await arrange(t, WAITING);
    const ada = visitor();
    const first = await ada.get("/signin");
    await s.decline();
    const { status, text } = await ada.failed();
    equal(status, 401);
    match(text, /^The user declined the sign-in: .* Begin again at \/signin\.\n$/);
    const next = await ada.get("/signin");
    match(next.headers.get("set-cookie"), COOKIE);
    notEqual(next.text, first.text);
    await s.approve();
    equal(await ada.isSignedIn(), "ada@contoso.com");
  });

  test("example: a code that nobody entered expires, and that is said", async (t) => {
    const { s, visitor } = await arrange(t, { ...WAITING, expiresIn: 3 });
    const ada = visitor();
    await ada.get("/signin");
    const { status, text } = await ada.failed();
    equal(status, 401);
    match(text, /(Timed out|expires).* Begin again at \/signin\.\n$/);
    const polls = (await s.requests("token")).length;
    await sleep(1500);
    equal((await s.requests("token")).length, polls, "nobody polls any more");
    match((await ada.get("/signin")).headers.get("set-cookie"), COOKIE);
  });

  test("example: a sign-in that can't begin is no session", async (t) => {
    const replies = { devicecode: [{ error: 7000218 }] };
    const { visitor, folder, logged } = await arrange(t, { replies });
    const ada = visitor();
    const { status, headers, text } = await ada.get("/signin");
    equal(status, 503);
    equal(text, "That did not work just now. Try again.\n");
    ok(!headers.has("set-cookie"));
    match(logged().join("\n"), /AADSTS7000218/);
    deepEqual(await storedIn(folder), [{}]);
  });

  test("example: a sign-in that was revoked ends with a text, and another one may begin", async (t) => {
    const { s, visitor } = await arrange(t, { tokenExpiresIn: STALE });
    const ada = visitor();
    await ada.get("/signin");
    await ada.isSignedIn();
    await s.revoke();
    for (let n = 0; n < 2; n++) {
      const { status, text } = await ada.get("/me");
      equal(status, 401);
      equal(text, "The sign-in is no longer valid. Begin again at /signin.\n");
    }
    await ada.get("/signin");
    equal(await ada.isSignedIn(), "ada@contoso.com");
  });

  test("example: a renewal that fails for now is tried again", async (t) => {
    const { s, visitor } = await arrange(t, { tokenExpiresIn: 1 });
    const ada = visitor();
    await ada.get("/signin");
    await s.waitForRequests(1, { endpoint: "token" });
    await sleep(1500);
    await s.script({ replies: { refresh: [{ error: "temporarily_unavailable", repeat: 4 }] } });
    const failed = await ada.get("/me");
    equal(failed.status, 503);
    await s.script({ tokenExpiresIn: 3599 });
    equal((await ada.get("/me")).status, 200);
  });

  test("example: sign-out forgets everything", async (t) => {
    const { s, visitor, folder } = await arrange(t);
    const ada = visitor();
    await ada.get("/signin");
    await ada.isSignedIn();
    const [before] = await storedIn(folder);
    equal(Object.keys(before).length, 2);
    const thief = visitor(ada.cookie);

    const { status, headers } = await ada.post("/signout");
    equal(status, 200);
    match(headers.get("set-cookie"), /^__Host-session=; Path=\/; HttpOnly; Secure; .*Max-Age=0$/);
    equal((await ada.get("/me")).status, 401);
    equal((await thief.get("/me")).status, 401);
    deepEqual(await storedIn(folder), [{}]);
    equal((await ada.post("/signout")).status, 200);

    notEqual((await ada.get("/signin")).headers.get("set-cookie"), null);
    equal(await ada.isSignedIn(), "ada@contoso.com");
    equal((await thief.get("/me")).status, 401);
    equal((await s.requests("devicecode")).length, 2);
  });

  test("example: a poll that was under way at sign-out brings nobody back", async (t) => {
    const replies = { token: [{ default: true, delayMs: 1500 }] };
    const { s, visitor, folder } = await arrange(t, { replies }, { deployment: brief });
    const ada = visitor();
    await ada.get("/signin");
    const thief = visitor(ada.cookie);
    await s.waitForRequests(1, { endpoint: "token" });
    await ada.post("/signout");
    await sleep(2500); // the tokens have come
    equal((await s.requests("token"))[0].status, 200);
    equal((await thief.get("/me")).status, 401);
    await sleep(1500); // and have been swept up
    deepEqual(await storedIn(folder), [{}]);
    equal((await s.requests("token")).length, 1);
  });

  test("example: a renewal that was under way at sign-out leaves nothing", async (t) => {
    const config = {
      tokenExpiresIn: STALE,
      replies: { refresh: [{ default: true, delayMs: 1000 }] },
    };
    const { s, visitor, folder } = await arrange(t, config, { deployment: brief });
    const ada = visitor();
    await ada.get("/signin");
    await s.waitForRequests(1, { endpoint: "token" });
    while ((await ada.get("/signin")).text.startsWith("To sign in")) await sleep(100);
    const thief = visitor(ada.cookie);
    const late = thief.get("/me");
    await s.waitForRequests(1, { endpoint: "refresh" });
    await ada.post("/signout");
    await late;
    equal((await thief.get("/me")).status, 401);
    await sleep(3000);
    deepEqual(await storedIn(folder), [{}]);
  });

  test("example: a session ends, signed in or not", async (t) => {
    const { visitor, folder } = await arrange(t, {}, { deployment: brief });
    const ada = visitor();
    await ada.get("/signin");
    await ada.isSignedIn();
    await sleep(8000);
    const { status, text } = await ada.get("/me");
    equal(status, 401);
    match(text, /^Nobody is signed in\./);
    deepEqual(await storedIn(folder), [{}]);
  });

  test("example: an alarm that comes twice ends no session", async (t) => {
    const { visitor, folder } = await arrange(t, {}, { deployment: repetitive });
    const ada = visitor();
    await ada.get("/signin");
    await ada.isSignedIn();
    await sleep(1500);
    equal((await ada.get("/me")).status, 200);
    equal((await storedIn(folder)).length, 1);
  });

  test("example: two visitors are two users", async (t) => {
    const other = await createScenario({ ...WAITING, user: { username: "grace@fabrikam.com" } });
    t.after(() => other.remove());
    const config = { ...WAITING, tokenExpiresIn: STALE };
    const { s, visitor, evict, folder } = await arrange(t, config, { more: [other] });
    const [ada, grace] = [visitor(), visitor()];
    await ada.get("/signin");
    await grace.get("/signin");
    notEqual(ada.cookie, grace.cookie);
    await other.approve();
    equal(await grace.isSignedIn(), "grace@fabrikam.com");
    equal((await ada.get("/me")).status, 401);
    await s.approve();
    equal(await ada.isSignedIn(), "ada@contoso.com");
    await other.script({ tokenExpiresIn: STALE });
    await Promise.all([evict(ada), evict(grace)]);
    const both = Array.from({ length: 10 }, () => [ada, grace]).flat();
    const answers = await Promise.all(both.map((each) => each.get("/me")));
    for (const [n, { text }] of answers.entries()) {
      const expected = both[n] === ada ? "ada@contoso.com" : "grace@fabrikam.com";
      equal(JSON.parse(text).userPrincipalName, expected);
    }
    equal((await storedIn(folder)).length, 2);
    await ada.post("/signout");
    equal(await grace.isSignedIn(), "grace@fabrikam.com");
  });

  test("example: nobody's cookie gets nothing", async (t) => {
    const { s, visitor, folder } = await arrange(t);
    const id = randomBytes(32).toString("hex");
    const strangers = [
      "",
      `__Host-session=${id}`,
      "__Host-session=",
      "session=x",
      `x=__Host-session=${id}`,
    ];
    for (const cookie of strangers) {
      const { status, text } = await visitor(cookie).get("/me");
      equal(status, 401);
      equal(text, "Nobody is signed in. Begin at /signin.\n");
      equal((await visitor(cookie).post("/signout")).status, 200);
    }
    deepEqual(await storedIn(folder), [{}]); // the object was asked, and wrote nothing
    deepEqual(await s.requests(), []);
    // A session never has an id that a visitor brought.
    const stranger = visitor(`__Host-session=${id}`);
    const { headers } = await stranger.get("/signin");
    match(headers.get("set-cookie"), COOKIE);
    ok(!headers.get("set-cookie").includes(id));
  });

  test("example: the cookie is found among others", async (t) => {
    const { visitor } = await arrange(t);
    const ada = visitor();
    await ada.get("/signin");
    await ada.isSignedIn();
    for (const cookie of [`a=b; ${ada.cookie}; c=d`, `x-${ada.cookie}; ${ada.cookie}`]) {
      equal((await visitor(cookie).get("/me")).status, 200);
    }
  });

  test("example: there is nothing else", async (t) => {
    const { visitor } = await arrange(t);
    for (const [method, path] of [
      ["GET", "/"],
      ["GET", "/signout"],
      ["POST", "/me"],
    ]) {
      equal((await visitor().ask(method, path)).status, 404);
    }
  });

  test("example: no token is stored, logged or shown as it is, nor an id", async (t) => {
    const config = { tokenExpiresIn: STALE };
    const { s, visitor, folder, issued, logged, stop } = await arrange(t, config);
    const ada = visitor();
    const shown = [await ada.get("/signin")];
    await ada.isSignedIn();
    const [, id] = ada.cookie.split("=");
    shown.push(await ada.get("/me"), await ada.get("/signin"));
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
      ok(!text.includes(id), `the id is ${place}`);
    }
  });

  /** The example, with an Entra of its own; and what visits it. */
  async function arrange(t, config, { deployment = example, more = [] } = {}) {
    const s = await createScenario({ user: { username: "ada@contoso.com" }, ...config });
    t.after(() => s.remove());
    const { network, issued } = createNetwork({ scenarios: [s, ...more], ca });
    const folder = await mkdtemp(join(project.dir, "storage-"));
    const encryptionKey = randomBytes(32).toString("base64");
    const logs = [];
    let worker;
    const start = async () => {
      worker = await serve(deployment, { encryptionKey, folder, network });
      logs.push(worker.logged);
    };
    const stop = () => worker.stop();
    await start();
    t.after(() => stop());

    return {
      s,
      issued,
      folder,
      stop,
      visitor: (cookie) => createVisitor((...request) => worker.fetch(...request), cookie),
      logged: () => logs.flat(),
      evict: ({ cookie }) => worker.evict(nameOf(cookie)),
      async restart() {
        await stop();
        await start();
      },
    };
  }
}

function nameOf(cookie) {
  return createHash("sha256").update(cookie.slice("__Host-session=".length)).digest("hex");
}

/** Somebody with a browser, which keeps one cookie. */
function createVisitor(fetch, cookie = "") {
  const visitor = {
    cookie,
    async ask(method, path, headers = {}) {
      const response = await fetch(path, {
        method,
        headers: { cookie: visitor.cookie, ...headers },
      });
      const given = response.headers.get("set-cookie");
      if (given) visitor.cookie = given.slice(0, given.indexOf(";"));
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    get: (path, headers) => visitor.ask("GET", path, headers),
    post: (path) => visitor.ask("POST", path),
    /** Waits for the sign-in; tells who it was. */
    async isSignedIn() {
      const { text } = await visitor.shows(({ status }) => status === 200);
      return JSON.parse(text).userPrincipalName;
    },
    /** Waits for the sign-in to fail. */
    failed: () => visitor.shows(({ text }) => /Begin again/.test(text)),
    async shows(expected) {
      for (const late = Date.now() + 15_000; ; await sleep(100)) {
        const answer = await visitor.get("/me");
        if (expected(answer)) return answer;
        if (Date.now() > late) throw new Error(`/me still says ${answer.status} ${answer.text}`);
      }
    },
  };
  return visitor;
}
