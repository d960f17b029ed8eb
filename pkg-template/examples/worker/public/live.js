// Keeps the page up to date while somebody looks at it, counts down, and copies the code.

/** How long to wait after a look that failed, in milliseconds. */
const SETBACK = 5000;
/** How long to wait before a second look, in milliseconds. */
const RECHECK = 1000;
/** When to say that the code is about to expire, in milliseconds. */
const LAST_CALL = 60_000;

const status = part("status");
let isLooking = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let next;
/** @type {ReturnType<typeof setInterval> | undefined} */
let clock;

enliven();
document.addEventListener("visibilitychange", look);
// The page may be one that the browser had kept.
addEventListener("pageshow", ({ persisted }) => persisted && look());

/**
 * A part of the page, by its id.
 *
 * @param {string} id
 */
function part(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * What a page says.
 *
 * @param {Document} page
 */
function mainOf(page) {
  return /** @type {HTMLElement} */ (page.querySelector("main"));
}

/** Gives the page what it can't do by itself. */
function enliven() {
  const { state, lookIn, endsIn } = mainOf(document).dataset;
  clearInterval(clock);
  clearTimeout(next);
  if (state !== "waiting") return;
  part("again").hidden = true;
  part("live").hidden = false;
  const copyButton = part("copy");
  copyButton.hidden = false;
  copyButton.addEventListener("click", copy);
  countDown(Date.now() + Number(endsIn));
  lookAgain(Number(lookIn));
}

/** @param {number} time in milliseconds */
function lookAgain(time) {
  clearTimeout(next);
  next = setTimeout(look, time);
}

/** Asks how the sign-in stands, if somebody looks. The sign-in goes on by this: who is away causes no traffic. */
async function look() {
  if (document.hidden || isLooking) return;
  isLooking = true;
  try {
    const response = await fetch("/", { signal: AbortSignal.timeout(60_000) });
    if (!response.ok) throw new Error(`${response.status}`);
    const text = await response.text();
    show(new DOMParser().parseFromString(text, "text/html"));
  } catch {
    say("There is no answer just now. This page tries again.");
    lookAgain(SETBACK);
  } finally {
    isLooking = false;
  }
}

/**
 * Shows another page in the place of this one, unless it says the same.
 *
 * @param {Document} other
 */
function show(other) {
  const [now, then] = [document, other].map(mainOf);
  if (status.textContent?.startsWith("There is no answer")) say("");
  /** @param {HTMLElement} main */
  const said = (main) =>
    [main.dataset.state, main.querySelector("#code, #who")?.textContent].join();
  // Who signed out is told so, and that once.
  const isStill =
    said(now) === said(then) ||
    (now.dataset.state === "signed-out" && then.dataset.state === "start");
  if (isStill) {
    if (then.dataset.state === "waiting") lookAgain(Number(then.dataset.lookIn));
    return;
  }
  say("");
  document.title = other.title;
  now.replaceWith(then);
  enliven();
  // What had the focus is gone. From here, a screen reader reads on.
  then.querySelector("h1")?.focus();
  // Another tab may have got the new cookie of a sign-in in this very moment.
  if (then.dataset.state === "start") lookAgain(RECHECK);
}

/** @param {number} end */
function countDown(end) {
  const left = part("left");
  let isSaid = end - Date.now() < LAST_CALL;
  const tick = () => {
    const time = Math.max(0, end - Date.now());
    const seconds = Math.ceil(time / 1000);
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (time < LAST_CALL && !isSaid) {
      isSaid = true;
      say("The code is good for one more minute.");
    }
    if (time === 0) {
      clearInterval(clock);
      look();
    }
  };
  clock = setInterval(tick, 1000);
  tick();
}

async function copy() {
  const code = part("code");
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    say("The code is copied.");
  } catch {
    // Not allowed: then the visitor copies it.
    getSelection()?.selectAllChildren(code);
    say("The code is selected: copy it with Ctrl+C or ⌘C.");
  }
}

/**
 * To those who see, and to those who hear.
 *
 * @param {string} text
 */
function say(text) {
  status.textContent = text;
}
