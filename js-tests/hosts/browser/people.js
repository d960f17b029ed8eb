/** The page for people as they are: with a keyboard, a screen reader, a phone, in the dark. */

import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import decode from "jsqr";
import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { begin, sees } from "./world.js";

const AXE = createRequire(import.meta.url).resolve("axe-core");

/** @param {import("./world.js").World} world */
export function addPeople({ visit }) {
  test("page: with the keyboard alone", async (t) => {
    const { s, page } = await visit(t);
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    const press = async (key) => {
      await page.keyboard.press(key);
      const outline = () => getComputedStyle(document.activeElement).outlineStyle;
      if (key === "Tab")
        equal(await page.evaluate(outline), "solid", "one sees where the focus is");
    };
    await press("Tab");
    equal(await focused(), "Sign in");
    await press("Enter");
    await sees(page, "Enter this code");
    await press("Tab");
    equal(await focused(), "Copy the code");
    await press("Enter");
    await page.getByRole("status").getByText("The code is copied.").waitFor();
    await press("Tab");
    equal(await focused(), "microsoft.com/devicelogin");
    await press("Tab");
    equal(await focused(), "Cancel");
    await s.approve();
    await sees(page, "You are signed in");
    // What had the focus is gone: it goes on from the heading, not from the top of the document.
    equal(await focused(), "You are signed in");
    await press("Tab");
    equal(await focused(), "Sign out");
    await press("Enter");
    await sees(page, "You are signed out");
  });

  test("page: what a screen reader says", async (t) => {
    const { s, page } = await visit(t);
    const heard = () => page.locator("body").ariaSnapshot();
    match(await heard(), /- heading "Sign in" \[level=1\]\n[\s\S]*- button "Sign in"/);
    const code = await begin(page);
    const text = await heard();
    match(text, /- heading "Enter this code" \[level=1\]/);
    // Letter by letter, and not as a word besides.
    ok(text.includes([...code].join(" ")), text);
    ok(!text.includes(code), text);
    match(text, /- link "microsoft\.com\/devicelogin"/);
    match(text, /\(a new tab\)/);
    match(text, /- img "QR code of https:\/\/microsoft\.com\/devicelogin"/);
    match(text, /- timer: \d+:\d\d/);
    match(text, /- button "Cancel"/);
    match(text, /- status/);
    doesNotMatch(text, /I have entered the code/); // that is for those without JavaScript
    equal(await page.title(), "Enter this code");
    equal(await page.locator("html").getAttribute("lang"), "en");

    // The live region stays the same element, else what it says then is not said.
    await page.evaluate(() => {
      window.live = document.querySelector("[role=status]");
    });
    await s.approve();
    await sees(page, "You are signed in");
    equal(await page.title(), "You are signed in");
    ok(await page.evaluate(() => window.live === document.querySelector("[role=status]")));
    ok(await page.evaluate(() => document.activeElement.matches("h1")));
    match(await heard(), /- strong: Ada[\s\S]*ada@contoso\.com\n\s*- button "Sign out"/);
  });

  test("page: the last minute is told, once", async (t) => {
    const { page } = await visit(t, { expiresIn: 75 });
    await begin(page);
    const status = page.getByRole("status");
    await status.getByText("The code is good for one more minute.").waitFor();
    match(await page.getByRole("timer").textContent(), /^(1:00|0:5\d)$/);
    await page.evaluate(() => {
      document.querySelector("[role=status]").textContent = "";
    });
    await sleep(2500);
    equal(await status.textContent(), "");
  });

  test("page: where the clipboard is not to be written, the code is selected", async (t) => {
    const { page } = await visit(t);
    const code = await begin(page);
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"));
    });
    await page.getByRole("button", { name: "Copy the code" }).click();
    await page.getByRole("status").getByText("The code is selected").waitFor();
    equal(await page.evaluate(() => getSelection().toString()), code);
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`page: nothing is in anybody's way, in the ${colorScheme}`, async (t) => {
      const { s, page } = await visit(t, {}, { colorScheme });
      const isFine = async () => deepEqual(await findBarriers(page), []);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const [red] = /\d+/.exec(ground);
      ok(colorScheme === "dark" ? red < 64 : red > 192, ground);
      await isFine();
      await begin(page);
      await isFine();
      await s.decline();
      await sees(page, "You are not signed in");
      await isFine();
      await page.getByRole("button", { name: "Get a new code" }).click();
      await sees(page, "Enter this code");
      await s.approve();
      await sees(page, "You are signed in");
      await isFine();
      await page.getByRole("button", { name: "Sign out" }).click();
      await sees(page, "You are signed out");
      await isFine();
    });

    test(`page: a phone reads the QR code, in the ${colorScheme}`, async (t) => {
      const { page } = await visit(t, {}, { colorScheme });
      await begin(page);
      const { data, size } = await page.evaluate(drawQrCode);
      const found = decode(Uint8ClampedArray.from(data), size, size, {
        inversionAttempts: "dontInvert",
      });
      equal(found?.data, "https://microsoft.com/devicelogin");
    });
  }

  test("page: on a narrow screen nothing sticks out, nor with large letters", async (t) => {
    const { page } = await visit(t, {}, { viewport: { width: 320, height: 600 } });
    await begin(page);
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    ok((await width()) <= 320);
    await page.evaluate(() => {
      document.documentElement.style.fontSize = "200%";
    });
    ok((await width()) <= 320);
  });

  test("page: nothing in it asks for what its policy forbids", async (t) => {
    const { s, page } = await visit(t);
    const complaints = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.reload();
    await begin(page);
    await s.approve();
    await sees(page, "You are signed in");
    deepEqual(complaints, []);
    notEqual((await page.reload()).headers()["content-security-policy"], undefined);
  });
}

/** By the rules of WCAG 2.2 that a program can check. */
async function findBarriers(page) {
  // By the debugger, which the page's policy does not bind.
  const { readFile } = await import("node:fs/promises");
  await page.evaluate(await readFile(AXE, "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`);
}

/** In the page: the pixels of the QR code, in the page's own colours. */
async function drawQrCode() {
  const size = 400;
  const svg = new XMLSerializer().serializeToString(document.querySelector("figure svg"));
  const image = new Image(size, size);
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(size, size).getContext("2d");
  canvas.drawImage(image, 0, 0, size, size);
  return { data: [...canvas.getImageData(0, 0, size, size).data], size };
}
