/** What the tests of the page need: the example, bundled; servers to sign in at; and a browser. */

import { readFile } from "node:fs/promises";
import { createProject } from "../../base/runners/project.js";
import { startServers } from "../../base/servers/start.js";
import { startChromium } from "../../base/services/chromium.js";
import { bundleExample, linkNeeds } from "../workers/example.js";
import { visitExample } from "../workers/visit.js";

/** The user acts when told to. */
export const WAITING = { approveAfterPolls: null };

/** @typedef {Awaited<ReturnType<typeof openWorld>>} World */

export async function openWorld() {
  const cleanups = [];
  const close = async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  };
  try {
    const project = await createProject();
    cleanups.push(() => project.remove());
    await linkNeeds(project.dir);
    const servers = await startServers();
    cleanups.push(() => servers.stop());
    const { entra, oidc, certificate } = servers;
    globalThis.__testServers = { entra, oidc, certificate, runtime: "workerd" };
    const ca = await readFile(certificate.caFile, "utf8");
    const example = await bundleExample(project, "example");
    const { browser, stop } = await startChromium();
    cleanups.push(stop);

    /** Somebody's browser: its windows share cookies, and nothing with others'. */
    async function openBrowser(t, options = {}) {
      const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
      t.after(() => context.close());
      return context;
    }

    return {
      project,
      ca,
      oidc,
      example,
      openBrowser,
      close,
      /** The example with an Entra of its own, and somebody's browser there. */
      async visit(t, config, options) {
        const visit = await visitExample(t, {
          dir: project.dir,
          ca,
          deployment: example,
          config: { ...WAITING, ...config },
        });
        const context = await openBrowser(t, options);
        const page = await context.newPage();
        await page.goto(visit.url());
        return { ...visit, context, page };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Begins a sign-in, and waits until the page is alive; tells the code. */
export async function begin(page) {
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Copy the code" }).waitFor();
  return codeOn(page);
}

export const codeOn = (page) => page.locator("#code").textContent();

/** Waits until the page says so. */
export const sees = (page, title) => page.getByRole("heading", { name: title }).waitFor();

export const cookieOf = async (context, url) =>
  (await context.cookies(url)).find(({ name }) => name === "__Host-session");
