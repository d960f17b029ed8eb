/** The page beside an OpenID provider whose own pages the visitor goes through, in another tab. */

import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { Response } from "miniflare";
import { deepEqual, equal, match, notEqual, ok } from "../../base/harness/assert.js";
import { test } from "../../base/harness/suite.js";
import { trustingFetch } from "../../base/servers/https-client.js";
import { bundleExample, serve } from "../workers/example.js";
import { begin, codeOn, cookieOf, sees } from "./world.js";

const SECRETS = ["access_token", "refresh_token", "id_token", "device_code"];

/** @param {import("./world.js").World} world */
export function addProvider({ project, ca, oidc, openBrowser }) {
  let bundling;

  test("page: a whole sign-in, with the code copied, pasted and confirmed in a second tab", {
    serial: true, // there is one clipboard
  }, async (t) => {
    const { context, page, url, secrets, seen } = await arrange(t);
    const code = await begin(page);
    const before = await cookieOf(context, url);
    await page.getByRole("button", { name: "Copy the code" }).click();
    await page.getByRole("status").getByText("The code is copied.").waitFor();

    const link = page.getByRole("link", { name: oidc.url.replace("https://", "") });
    const [tab] = await Promise.all([context.waitForEvent("page"), link.click()]);
    // The page of the code sends itself on to this one, which asks whether it is the code.
    await tab.getByRole("button", { name: /abort/i }).waitFor();
    equal(await tab.evaluate(() => window.opener), null);
    // As from a phone: the address without the code, which the visitor enters.
    await tab.goto(tab.url().replace(/\?.*/, ""));
    const entry = tab.locator("input[name=user_code]");
    await entry.focus();
    await tab.keyboard.press("Control+V");
    equal(await entry.inputValue(), code);
    await tab.getByRole("button", { name: "Continue" }).click();
    await confirm(tab);
    await logIn(tab, "ada@contoso.com");
    await tab.getByText("Sign-in Success").waitFor();
    await tab.close();

    await sees(page, "You are signed in");
    equal(await page.locator("#who").textContent(), "ada@contoso.com");
    equal(await page.locator("strong").textContent(), "ada");
    const after = await cookieOf(context, url);
    notEqual(after.value, before.value);
    for (const { httpOnly, secure, sameSite } of [before, after]) {
      deepEqual([httpOnly, secure, sameSite], [true, true, "Lax"]);
    }

    await page.getByRole("button", { name: "Sign out" }).click();
    await sees(page, "You are signed out");
    equal(await cookieOf(context, url), undefined);
    ok(secrets.length >= 4, `${secrets.length} secrets`);
    const texts = (await Promise.all(seen)).join("\n");
    match(texts, /You are signed in/);
    for (const secret of secrets) ok(!texts.includes(secret), "a secret was sent to the page");
  });

  test("page: the link and the QR code bring the code along", async (t) => {
    const { context, page } = await arrange(t);
    const code = await begin(page);
    const address = await page.getByRole("link", { name: "/device" }).getAttribute("href");
    match(address, new RegExp(`user_code=${code}$`));
    await page.getByRole("img", { name: `QR code of ${address}` }).waitFor();
    const tab = await context.newPage();
    await tab.goto(address);
    await confirm(tab);
    await logIn(tab, "grace@fabrikam.com");
    await tab.getByText("Sign-in Success").waitFor();
    await sees(page, "You are signed in");
    equal(await page.locator("#who").textContent(), "grace@fabrikam.com");
  });

  test("page: a sign-in that is declined at the provider's pages", async (t) => {
    const { context, page } = await arrange(t);
    const code = await begin(page);
    const link = page.getByRole("link", { name: "/device" });
    const [tab] = await Promise.all([context.waitForEvent("page"), link.click()]);
    await tab.getByRole("button", { name: /abort/i }).click();
    await tab.getByText(/interrupted/).waitFor();
    await sees(page, "You are not signed in");
    await page.getByText("The sign-in was declined.").waitFor();
    await page.getByRole("button", { name: "Get a new code" }).click();
    await sees(page, "Enter this code");
    notEqual(await codeOn(page), code);
  });

  /** The example, for this provider: what it says of Microsoft's is said of it. */
  async function arrange(t) {
    bundling ??= bundleExample(project, "provider-example", [
      ["session.js", "https://graph.microsoft.com/User.Read", oidc.scope],
      [
        "session.js",
        "tenantId: env.TENANT_ID",
        "tenantId: env.TENANT_ID, authority: env.AUTHORITY, disableInstanceDiscovery: true",
      ],
      ["wrangler.jsonc", "your-app-id", oidc.clientId],
      ["wrangler.jsonc", `"organizations"`, `"${oidc.tenant}", "AUTHORITY": "${oidc.url}"`],
    ]);
    const secrets = [];
    const worker = await serve(await bundling, {
      encryptionKey: randomBytes(32).toString("base64"),
      folder: await mkdtemp(join(project.dir, "storage-")),
      network: createNetwork(secrets),
    });
    t.after(() => worker.stop());
    const context = await openBrowser(t);
    const seen = [];
    context.on("response", (response) => {
      if (!response.url().startsWith(worker.url)) return;
      seen.push(JSON.stringify(response.headers()));
      if (response.status() < 300) seen.push(response.text().catch(() => ""));
    });
    const page = await context.newPage();
    await page.goto(worker.url);
    return { context, page, url: worker.url, secrets, seen };
  }

  /** The provider, and a Microsoft Graph that knows whom it knows. */
  function createNetwork(secrets) {
    const fetchProvider = trustingFetch(ca);
    return async (request) => {
      const { origin } = new URL(request.url);
      const headers = Object.fromEntries(request.headers);
      if (request.url === "https://graph.microsoft.com/v1.0/me") {
        const { authorization } = headers;
        const me = await fetchProvider(`${oidc.url}/${oidc.tenant}/v2.0/me`, {
          headers: { authorization },
        });
        const { name, preferred_username: userPrincipalName } = await me.json();
        return Response.json({ displayName: name, userPrincipalName }, { status: me.status });
      }
      if (origin !== oidc.url) return new Response(`there is no ${origin}`, { status: 404 });
      const { method } = request;
      const body = method === "POST" ? await request.text() : undefined;
      const reply = await fetchProvider(request.url, { method, headers, body });
      const text = await reply.text();
      const fields = JSON.parse(text);
      secrets.push(...SECRETS.map((name) => fields[name]).filter(Boolean));
      return new Response(text, {
        status: reply.status,
        headers: { "content-type": "application/json" },
      });
    };
  }
}

/** The provider asks whether this is the code. */
async function confirm(tab) {
  await tab.getByRole("button", { name: "Continue" }).click();
}

async function logIn(tab, name) {
  await tab.locator("input[name=login]").fill(name);
  await tab.locator("input[name=password]").fill("correct horse");
  await tab.getByRole("button", { name: "Sign-in" }).click();
  await tab.getByRole("button", { name: "Continue" }).click(); // the consent
}
