/** The page while somebody looks at it, and while nobody does. */

import { setTimeout as sleep } from "node:timers/promises";
import { deepEqual, equal, match, notEqual, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { begin, codeOn, cookieOf, sees } from "./world.js";

/** How long the page may take until it is polled for, in milliseconds. */
const PATIENCE = 20_000;

/** @param {import("./world.js").World} world */
export function addLooking({ visit, openBrowser }) {
  test("page: a visit does nothing, a click begins a sign-in", async (t) => {
    const { s, page, context, url } = await visit(t);
    await page.reload();
    await sees(page, "Sign in");
    deepEqual(await s.requests(), []);
    equal(await cookieOf(context, url()), undefined);
    await begin(page);
    equal((await s.requests("devicecode")).length, 1);
    equal(page.url(), url());
    // What is shown is not what was posted: to reload it begins nothing.
    await page.reload();
    await sees(page, "Enter this code");
    equal((await s.requests("devicecode")).length, 1);
  });

  test("page: it goes on by itself, polls no sooner than it may, and stops", async (t) => {
    const { s, page } = await visit(t, { enforceInterval: true });
    await begin(page);
    await s.waitForRequests(2, { endpoint: "token", within: PATIENCE });
    await s.approve();
    await sees(page, "You are signed in");
    equal(await page.locator("#who").textContent(), "ada@contoso.com");
    const polls = await s.requests("token");
    ok(!polls.some(({ reply }) => JSON.stringify(reply ?? "").includes("slow_down")));
    const times = polls.map(({ at }) => at);
    for (const [n, at] of times.slice(1).entries()) ok(at - times[n] >= 1000);
    await sleep(2500);
    equal((await s.requests("token")).length, polls.length);
  });

  test("page: nobody is polled for while nobody looks, and who comes back sees at once how it stands", async (t) => {
    const { s, page, context } = await visit(t);
    await begin(page);
    await s.waitForRequests(1, { endpoint: "token", within: PATIENCE });
    await turn(page, "hidden");
    await sleep(500); // a poll may be under way
    const { length } = await s.requests("token");
    await s.approve();
    await sleep(3000);
    equal((await s.requests("token")).length, length, "nobody looks");
    await sees(page, "Enter this code");
    await turn(page, "visible");
    await sees(page, "You are signed in");
    await context.close();
  });

  test("page: nobody is polled for when the tab is closed", async (t) => {
    const { s, page, context, url } = await visit(t);
    const code = await begin(page);
    await s.waitForRequests(1, { endpoint: "token", within: PATIENCE });
    await page.close();
    await sleep(500);
    const { length } = await s.requests("token");
    await sleep(2500);
    equal((await s.requests("token")).length, length);
    const again = await context.newPage();
    await again.goto(url());
    equal(await codeOn(again), code);
  });

  test("page: two tabs show one code, and both who signed in, and out", async (t) => {
    const { s, page, context, url } = await visit(t);
    const code = await begin(page);
    const other = await context.newPage();
    await other.goto(url());
    equal(await codeOn(other), code);
    await s.waitForRequests(2, { endpoint: "token", within: PATIENCE });
    await s.approve();
    for (const tab of [page, other]) {
      await sees(tab, "You are signed in");
      equal(await tab.locator("#who").textContent(), "ada@contoso.com");
    }
    equal((await s.requests("devicecode")).length, 1);
    equal((await s.requests("token")).filter(({ status }) => status === 200).length, 1);
    await page.getByRole("button", { name: "Sign out" }).click();
    await sees(page, "You are signed out");
    await turn(other, "hidden");
    await turn(other, "visible");
    await sees(other, "Sign in");
    // One tab begins, the other sees it when it is looked at.
    const next = await begin(other);
    await turn(page, "hidden");
    await turn(page, "visible");
    await sees(page, "Enter this code");
    equal(await codeOn(page), next);
  });

  test("page: one visitor's tab shows nothing of another's", async (t) => {
    const { s, page, url } = await visit(t);
    const code = await begin(page);
    const stranger = await (await openBrowser(t)).newPage();
    await stranger.goto(url());
    await sees(stranger, "Sign in");
    notEqual(await begin(stranger), code);
    await s.approve(code);
    await sees(page, "You are signed in");
    await sleep(1500);
    await sees(stranger, "Enter this code");
  });

  test("page: the time left counts down, and then the code has expired", async (t) => {
    const { s, page } = await visit(t, { expiresIn: 10 });
    const code = await begin(page);
    const left = page.getByRole("timer");
    const first = await left.textContent();
    match(first, /^0:(10|0\d)$/);
    await page.waitForFunction(
      (shown) => document.getElementById("left").textContent < shown,
      first,
    );
    await sees(page, "You are not signed in");
    await page.getByText("The code has expired.").waitFor();
    const { length } = await s.requests("token");
    await sleep(1500);
    equal((await s.requests("token")).length, length, "nobody polls any more");
    await page.getByRole("button", { name: "Get a new code" }).click();
    await sees(page, "Enter this code");
    notEqual(await codeOn(page), code);
  });

  test("page: without an answer, it says so, and goes on when there is one", async (t) => {
    const { s, page, url } = await visit(t);
    await begin(page);
    await page.route(url(), (route) => route.abort());
    const status = page.getByRole("status");
    await status.getByText("There is no answer just now.").waitFor();
    await sees(page, "Enter this code");
    await page.unroute(url());
    await s.approve();
    await sees(page, "You are signed in");
    equal(await status.textContent(), "");
  });

  test("page: who cancels is asked no more", async (t) => {
    const { s, page } = await visit(t);
    await begin(page);
    await page.getByRole("button", { name: "Cancel" }).click();
    await sees(page, "You are signed out");
    const { length } = await s.requests("token");
    await sleep(1500);
    equal((await s.requests("token")).length, length);
  });

  test("page: without JavaScript", async (t) => {
    const { s, page } = await visit(t, {}, { javaScriptEnabled: false });
    await page.getByRole("button", { name: "Sign in" }).click();
    const code = await codeOn(page);
    ok(!(await page.getByRole("button", { name: "Copy the code" }).isVisible()));
    equal(await page.getByRole("timer").textContent(), "15 min");
    const again = page.getByRole("link", { name: "I have entered the code" });
    await sleep(1100);
    await again.click();
    equal(await codeOn(page), code);
    equal((await s.requests("token")).length, 1);
    await s.approve();
    await sleep(1100);
    await again.click();
    await sees(page, "You are signed in");
    equal(await page.locator("#who").textContent(), "ada@contoso.com");
    await page.getByRole("button", { name: "Sign out" }).click();
    await sees(page, "You are signed out");
  });
}

/** Shows the tab, or another one in its place. (The browser without a window shows all of them at once.) */
async function turn(page, state) {
  await page.evaluate((visibility) => {
    Object.defineProperties(document, {
      visibilityState: { get: () => visibility, configurable: true },
      hidden: { get: () => visibility === "hidden", configurable: true },
    });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}
