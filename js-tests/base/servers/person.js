/**
 * The person at the other device: goes through the provider's real pages as a browser would, with its cookies and its
 * forms (which carry the anti-forgery token), and answers them.
 */

import { trustingFetch } from "./https-client.js";

/** Enter the code, confirm it, log in, consent, done: fewer than these, redirects included. */
const MOST_PAGES = 12;

/**
 * @typedef {object} Errand
 * @property {string} verificationUri
 * @property {string} userCode
 * @property {string} [username]
 */

/** @param {{ca: string}} trust the PEM of the authority to trust */
export function createPerson({ ca }) {
  const fetch = trustingFetch(ca);
  return {
    /**
     * Signs in and consents.
     *
     * @param {Errand} errand
     */
    async approve({ verificationUri, userCode, username = "ada@contoso.com" }) {
      const browser = openBrowser(fetch);
      let page = await browser.open(verificationUri);
      for (let pages = 0; pages < MOST_PAGES; pages++) {
        const form = readForm(page);
        if (!form) return expectPage(page, /Sign-in Success/);
        const { fields } = form;
        if ("user_code" in fields && !("confirm" in fields)) fields.user_code = userCode;
        if ("login" in fields)
          Object.assign(fields, { login: username, password: "correct horse" });
        page = await browser.submit(page, form);
        if (/incorrect|error processing/.test(page.html)) break;
      }
      throw new Error(`no way through the device pages: ${summary(page)}`);
    },

    /**
     * Enters the code and aborts on the page that asks to confirm it.
     *
     * @param {Errand} errand
     */
    async deny({ verificationUri, userCode }) {
      const browser = openBrowser(fetch);
      const entry = await browser.open(verificationUri);
      const input = expectForm(entry);
      input.fields.user_code = userCode;
      const confirmation = await browser.submit(entry, input);
      const confirm = expectForm(confirmation);
      // The form's second button.
      confirm.fields.abort = "yes";
      expectPage(await browser.submit(confirmation, confirm), /interrupted/);
    },
  };
}

/** @typedef {{url: string, html: string}} Page */
/** @typedef {{action: string, fields: Record<string, string>}} Form */

/** @param {ReturnType<typeof trustingFetch>} fetch */
export function openBrowser(fetch) {
  /** @type {Map<string, string>} */
  const cookies = new Map();

  /** @returns {Promise<Page>} */
  async function visit(url, init = {}) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...init.headers, ...(cookie && { cookie }) };
    const response = await fetch(url, { ...init, headers });
    for (const line of response.headers.getSetCookie()) store(line);
    const location = response.headers.get("location");
    // As browsers do for 302 and 303: the form is not sent again.
    if (location) return visit(new URL(location, url).href);
    const html = await response.text();
    if (response.status >= 400 && !html.includes("<form")) {
      throw new Error(`${url} answered ${response.status}: ${summary({ url, html })}`);
    }
    return { url, html };
  }

  /** One host, one journey: paths and expiry only matter where a cookie is taken back. */
  function store(line) {
    const [pair] = line.split(";");
    const name = pair.slice(0, pair.indexOf("="));
    const value = pair.slice(name.length + 1);
    if (value === "" || /expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }

  return {
    open: (url) => visit(url),
    /**
     * @param {Page} page
     * @param {Form} form
     */
    submit: (page, { action, fields }) =>
      visit(new URL(action, page.url).href, {
        method: "POST",
        // Django wants it, against forgery.
        headers: { referer: page.url },
        body: new URLSearchParams(fields),
      }),
  };
}

/**
 * @param {Page} page
 * @returns {Form | undefined}
 */
function readForm({ html }) {
  const form = /<form\b([^>]*)>([\s\S]*?)<\/form>/.exec(html);
  if (!form) return undefined;
  const fields = {};
  for (const [, attributes] of form[2].matchAll(/<input\b([^>]*)>/g)) {
    const name = attribute(attributes, "name");
    if (name) fields[name] = attribute(attributes, "value") ?? "";
  }
  return { action: attribute(form[1], "action") ?? "", fields };
}

/** @param {Page} page */
export function expectForm(page) {
  const form = readForm(page);
  if (!form) throw new Error(`expected a form: ${summary(page)}`);
  return form;
}

/**
 * @param {Page} page
 * @param {RegExp} text
 */
export function expectPage(page, text) {
  if (!text.test(page.html)) throw new Error(`expected ${text}: ${summary(page)}`);
}

/**
 * @param {string} attributes
 * @param {string} name
 */
function attribute(attributes, name) {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1];
  return value
    ?.replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&");
}

/** The words of a page, for an error message. */
function summary({ url, html }) {
  const words = html.replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/g, " ").replace(/\s+/g, " ");
  return `${url}: ${words.trim().slice(0, 300)}`;
}
