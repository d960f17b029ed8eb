// The page, as the server writes it. It does without JavaScript: public/live.js only adds to it.
import { renderSVG } from "uqr";

/** @param {{isSignedOut: boolean}} options */
export function startPage({ isSignedOut }) {
  return page({
    state: isSignedOut ? "signed-out" : "start",
    title: isSignedOut ? "You are signed out" : "Sign in",
    body: html`
      <p>You get a code, and enter it on a page of Microsoft's: here, or on your phone.</p>
      ${beginButton("Sign in")}`,
  });
}

/** @param {string} why */
export function failedPage(why) {
  return page({
    state: "failed",
    title: "You are not signed in",
    body: html`<p>${why}</p>${beginButton("Get a new code")}`,
  });
}

/**
 * Of a request that did nothing.
 *
 * @param {string} title
 * @param {string} advice
 */
export function refusalPage(title, advice) {
  return page({ state: "refused", title, body: html`<p>${advice}</p>${beginButton("Sign in")}` });
}

/** @param {import("./session.js").Waiting} view */
export function waitingPage({ userCode, verificationUri, verificationUriComplete, ...times }) {
  const address = verificationUriComplete ?? verificationUri;
  const minutes = Math.max(1, Math.round(times.endsIn / 60_000));
  return page({
    state: "waiting",
    title: "Enter this code",
    times,
    body: html`
      <div class="code">
        <span id="code" aria-hidden="true">${userCode}</span>
        <span class="spoken">${[...userCode].join(" ")}</span>
        <button type="button" id="copy" hidden>Copy the code</button>
      </div>
      <p>
        at <a href="${address}" target="_blank" rel="noopener">${verificationUri.replace(/^https:\/\//, "")}</a>
        (a new tab)
      </p>
      <figure>
        <div role="img" aria-label="QR code of ${address}">
          ${new Html(renderSVG(address, { border: 4 }))}
        </div>
        <figcaption>Or scan this with your phone.</figcaption>
      </figure>
      <p>The code is good for <span role="timer" id="left">${minutes} min</span>.</p>
      <p id="live" hidden>Then come back: this page goes on by itself.</p>
      <p id="again">Then go on: <a href="/">I have entered the code</a></p>
      ${formButton("/signout", "Cancel", "quiet")}`,
  });
}

/** @param {{displayName: string, userPrincipalName: string}} person */
export function signedInPage({ displayName, userPrincipalName }) {
  return page({
    state: "signed-in",
    title: "You are signed in",
    body: html`
      <p>as <strong>${displayName}</strong><br /><span id="who">${userPrincipalName}</span></p>
      ${formButton("/signout", "Sign out")}`,
  });
}

/** @param {string} text */
const beginButton = (text) => formButton("/signin", text);

/**
 * @param {string} action
 * @param {string} text
 * @param {"main" | "quiet"} [kind]
 */
function formButton(action, text, kind = "main") {
  return html`<form method="post" action="${action}"><button class="${kind}">${text}</button></form>`;
}

/**
 * @param {object} content
 * @param {string} content.state
 * @param {string} content.title
 * @param {Html} content.body
 * @param {{lookIn: number, endsIn: number}} [content.times] in how many milliseconds to look again, and the code ends
 */
function page({ state, title, body, times }) {
  const { lookIn, endsIn } = times ?? { lookIn: "", endsIn: "" };
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <meta name="color-scheme" content="light dark" />
    <title>${title}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/style.css" />
    <script type="module" src="/live.js"></script>
  </head>
  <body>
    <main data-state="${state}" data-look-in="${lookIn}" data-ends-in="${endsIn}">
      <h1 tabindex="-1">${title}</h1>
      ${body}
    </main>
    <p role="status" id="status"></p>
  </body>
</html>
`.text;
}

/** What is HTML already. */
class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * A template of HTML. What is put in is text, unless it is HTML.
 *
 * @param {TemplateStringsArray} template
 * @param {(string | number | Html)[]} values
 */
function html({ raw }, ...values) {
  const texts = values.map((value) =>
    value instanceof Html ? value.text : `${value}`.replace(/[&<>"]/g, (each) => ENTITIES[each]),
  );
  return new Html(String.raw({ raw }, ...texts));
}
