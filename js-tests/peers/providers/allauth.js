/** django-allauth as an OpenID provider, in a process of its own, and its user. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { trustingFetch } from "../../base/servers/https-client.js";
import { expectForm, expectPage, openBrowser } from "../../base/servers/person.js";
import { preparePython } from "../conformance/python.js";

const SITE = fileURLToPath(new URL("django_site.py", import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));

/** @param {import("../../base/servers/certificate.js").Certificate} certificate */
export async function startAllauth({ ca, certFile, keyFile }) {
  const python = await preparePython(REQUIREMENTS);
  const child = spawn(python, [SITE, certFile, keyFile], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), ended]);
  if (typeof line !== "string") throw new Error(`${SITE} ended before it served anything`);
  const { url } = JSON.parse(line);
  return {
    metadataUrl: `${url}/.well-known/openid-configuration`,
    clientId: "device-app",
    approve: (prompt) =>
      answer(trustingFetch(ca), prompt, "confirm", /authorized|granted|confirmed/i),
    deny: (prompt) => answer(trustingFetch(ca), prompt, "deny", /denied/i),
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/**
 * The user follows the address with the code in it, signs in, and answers.
 *
 * @param {ReturnType<typeof trustingFetch>} fetch
 * @param {{verificationUriComplete: string}} prompt
 * @param {"confirm" | "deny"} action
 * @param {RegExp} said
 */
async function answer(fetch, { verificationUriComplete }, action, said) {
  const browser = openBrowser(fetch);
  const login = await browser.open(verificationUriComplete);
  const credentials = expectForm(login);
  Object.assign(credentials.fields, { login: "ada", password: "correct horse" });
  const confirmation = await browser.submit(login, credentials);
  const form = expectForm(confirmation);
  form.fields.action = action;
  expectPage(await browser.submit(confirmation, form), said);
}
