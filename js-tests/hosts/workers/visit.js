/** The package's Worker example, and those who visit it, each with a browser that keeps one cookie and knows no JavaScript. */

import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createScenario } from "../../base/harness/scenario.js";
import { serve } from "./example.js";
import { createNetwork } from "./network.js";

/** How long a page may take until it shows something, in milliseconds. */
const PATIENCE = 15_000;
const MOST_REDIRECTS = 3;

/**
 * @typedef {object} Page
 * @property {number} status
 * @property {Headers} headers
 * @property {string} text
 * @property {string} [state] as it names it itself
 * @property {string} [title]
 * @property {string} [code] what to enter
 * @property {string} [who] is signed in
 */

/**
 * The example, with an Entra of its own.
 *
 * @param {import("../../base/harness/suite.js").TestContext} t
 * @param {object} world
 * @param {string} world.dir the project
 * @param {string} world.ca
 * @param {import("./example.js").Deployment} world.deployment
 * @param {import("../../base/harness/scenario.js").ScenarioConfig} [world.config]
 * @param {import("../../base/harness/scenario.js").Scenario[]} [world.more] others' Entras
 * @param {boolean} [world.isLimited]
 */
export async function visitExample(t, { dir, ca, deployment, config, more = [], isLimited }) {
  const s = await createScenario({ user: { username: "ada@contoso.com" }, ...config });
  t.after(() => s.remove());
  const { network, issued } = createNetwork({ scenarios: [s, ...more], ca });
  const folder = await mkdtemp(join(dir, "storage-"));
  const encryptionKey = randomBytes(32).toString("base64");
  const logs = [];
  let worker;
  const start = async () => {
    worker = await serve(deployment, { encryptionKey, folder, network, isLimited });
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
    url: () => worker.url,
    visitor: (cookie) => createVisitor((...request) => worker.fetch(...request), cookie),
    logged: () => logs.flat(),
    evict: ({ cookie }) => worker.evict(cookie.slice("__Host-session=".length).split(".")[0]),
    async restart() {
      await stop();
      await start();
    },
  };
}

function createVisitor(fetch, cookie = "") {
  const visitor = {
    cookie,
    /** @returns {Promise<Page>} */
    async ask(method, path, headers = {}) {
      const response = await fetch(path, {
        method,
        redirect: "manual",
        headers: { cookie: visitor.cookie, ...headers },
      });
      const given = response.headers.get("set-cookie");
      if (given) visitor.cookie = given.slice(0, given.indexOf(";"));
      const { status } = response;
      return { status, headers: response.headers, ...readPage(await response.text()) };
    },
    /** Opens the page, or sends a form and sees where it leads to. */
    async open(path = "/", method = "GET", headers = {}) {
      let page = await visitor.ask(method, path, headers);
      for (let n = 0; page.status === 303; n++) {
        if (n === MOST_REDIRECTS) throw new Error("redirects go on and on");
        page = await visitor.ask("GET", page.headers.get("location"), headers);
      }
      return page;
    },
    begin: () => visitor.open("/signin", "POST"),
    signOut: () => visitor.open("/signout", "POST"),
    /** Looks until the page has a state. */
    async sees(state) {
      for (const late = Date.now() + PATIENCE; ; await sleep(100)) {
        const page = await visitor.open();
        if (page.state === state) return page;
        if (Date.now() > late) throw new Error(`the page still says ${page.status} ${page.text}`);
      }
    },
    /** Waits for the sign-in; tells who it was. */
    isSignedIn: async () => (await visitor.sees("signed-in")).who,
  };
  return visitor;
}

/** @param {string} text */
function readPage(text) {
  const find = (pattern) => pattern.exec(text)?.[1];
  return {
    text,
    state: find(/data-state="([^"]*)"/),
    title: find(/<h1[^>]*>([^<]*)</),
    code: find(/id="code"[^>]*>([^<]*)</),
    who: find(/id="who"[^>]*>([^<]*)</),
  };
}
