// What is said of errors that others throw: plugins, storages, and a caller's own `fetch`.

/** The longest that is repeated, in characters. */
const LONGEST = 200;
/** Where JSON begins, as it is or in a URL; where a JWE or a JWT does; or a word that is longer than any path. */
const SECRET = /\{|%7[bB]|\beyJ|\S{160}/;
/** What is in the text of a request or a reply that holds a secret. */
const TELLING = /\b(?:device_code|refresh_token|access_token|id_token)\b|\beyJ/;
/** The fields of a form that are secret, and how short they may be to be looked for. */
const FIELDS = ["device_code", "code", "refresh_token"];
const SHORTEST = 8;
/** How many objects are looked into. */
const MOST = 2000;

/**
 * What of an error's message goes into a log line or another message: its beginning. A careless plugin may repeat the cache
 * that it could not write.
 *
 * @param {string} message
 */
export function discreetText(message) {
  const whole = message.trim();
  const [line] = whole.split(/[\r\n]/, 1);
  const at = line.search(SECRET);
  const told = line.slice(0, Math.min(at < 0 ? line.length : at, LONGEST)).trimEnd();
  return told === whole ? told : `${told}…`;
}

/**
 * Our own error in the place of somebody else's, with its name and code: a database's client keeps the command that failed,
 * and so the tokens in it.
 *
 * @param {unknown} exception
 * @param {string} message
 */
export function discreetError(exception, message) {
  const error = new Error(message);
  const { name, code } = Object(exception);
  if (typeof name === "string" && /^[A-Z]\w{0,40}$/i.test(name)) error.name = name;
  const isCode = Number.isInteger(code) || /^[A-Z][A-Z\d_]{0,40}$/.test(`${code}`);
  return isCode ? Object.assign(error, { code }) : error;
}

/**
 * Whether an exception holds, however deep, what a request or its reply keeps secret. So does one that nobody can look through.
 *
 * @param {unknown} exception
 * @param {string} form the request's body
 */
export function repeatsSecrets(exception, form) {
  /** @type {string[]} */
  const secrets = [];
  for (const [name, secret] of new URLSearchParams(form)) {
    if (!FIELDS.includes(name) || secret.length < SHORTEST) continue;
    // As it is, and as it was sent.
    secrets.push(secret, `${new URLSearchParams({ "": secret })}`.slice(1));
  }
  const isTelling = (/** @type {string} */ text) =>
    TELLING.test(text) || secrets.some((secret) => text.includes(secret));
  const seen = new Set();
  const queue = [exception];
  while (queue.length > 0) {
    const value = queue.pop();
    if (typeof value === "string" && isTelling(value)) return true;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    if (seen.size === MOST) return true;
    seen.add(value);
    queue.push(...partsOf(value));
  }
  return false;
}

/** @param {any} value */
function partsOf(value) {
  if (ArrayBuffer.isView(value)) return [new TextDecoder().decode(value)];
  if (value instanceof URLSearchParams) return [`${value}`];
  const inside = value instanceof Map || value instanceof Set ? [...value] : [];
  return [...inside, ...Reflect.ownKeys(value).flatMap((key) => [key, value[key]])];
}
