/**
 * One side's run, made comparable: secrets become names in the order they appear (unless the scenario itself gave them),
 * times become seconds, and of the headers only those stay that the protocol knows.
 */

/** Headers that mean something to Entra. Of the first ones only the presence counts: they name the library. */
const PRESENT = ["x-client-sku", "x-client-ver", "x-client-os"];
const COMPARED = [
  "accept",
  "x-ms-lib-capability",
  "x-anchormailbox",
  "x-client-current-telemetry",
  "x-client-last-telemetry",
];

const CACHE_TIMES = [
  "cached_at",
  "expires_on",
  "extended_expires_on",
  "refresh_on",
  "last_modification_time",
];

/** Compared up to the seconds that a run takes more or less. Python counts a token's life from before the sign-in. */
export class Seconds {
  static TOLERANCE = 12;

  /** @param {number} value */
  constructor(value) {
    this.value = Math.round(value);
  }

  /** @param {unknown} other */
  equals(other) {
    return other instanceof Seconds && Math.abs(this.value - other.value) <= Seconds.TOLERANCE;
  }

  toJSON() {
    return `${this.value} s`;
  }
}

/** The first secret of a kind is `kind 1`, whatever its text. */
class Names {
  #known = new Map();
  #counts = new Map();

  /** @param {string} given what both sides were given: its secrets are the same, and keep their names */
  constructor(given) {
    this.given = given;
  }

  /**
   * @param {string} kind
   * @param {string | undefined} secret
   */
  of(kind, secret) {
    if (!secret || this.given.includes(JSON.stringify(secret))) return secret;
    const key = `${kind} ${secret}`;
    if (!this.#known.has(key)) {
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      this.#known.set(key, `${kind} ${count}`);
    }
    return this.#known.get(key);
  }
}

/**
 * @typedef {object} NormalRequest
 * @property {number} step
 * @property {string} endpoint
 * @property {string} target method, host and path
 * @property {string} host
 * @property {string} path
 * @property {Record<string, unknown>} fields query, form and headers, by a name that says which
 *
 * @typedef {{outcome: Record<string, any>, prompts: Record<string, any>[]}} NormalStep
 * @typedef {{steps: NormalStep[], requests: NormalRequest[], cache?: Record<string, Record<string, any>>}} NormalRun
 */

/**
 * @param {any} run
 * @param {string} [seed] the cache it began with
 * @returns {NormalRun}
 */
export function normalize({ steps, requests, cache, startedAt }, seed = "") {
  const names = new Names(seed);
  const flows = [];
  const normalRequests = requests.map((request, n) => {
    const step = steps.findIndex((each) => n < each.requests);
    const normal = normalizeRequest(request, step, names);
    const flow = request.headers["client-request-id"];
    const isPost = request.method === "POST";
    normal.fields["header.client-request-id"] = isPost ? related(flow, flows) : presence(flow);
    return normal;
  });
  return {
    requests: normalRequests,
    steps: steps.map(({ outcome, prompts }) => ({
      outcome: normalizeOutcome(outcome, names),
      prompts: prompts.map((prompt) => normalizePrompt(prompt, names)),
    })),
    ...(cache !== null && { cache: normalizeCache(JSON.parse(cache || "{}"), startedAt, names) }),
  };
}

/**
 * @param {any} request
 * @param {number} step
 * @param {Names} names
 * @returns {NormalRequest}
 */
function normalizeRequest({ endpoint, method, host, path, query, form, headers }, step, names) {
  const fields = {};
  for (const [name, value] of Object.entries(query)) fields[`query.${name}`] = value;
  for (const [name, value] of Object.entries(form)) {
    fields[`form.${name}`] = normalizeField(name, value, names);
  }
  if (headers["content-type"]) fields.contentType = headers["content-type"].split(";")[0].trim();
  for (const name of COMPARED) {
    if (headers[name] !== undefined) fields[`header.${name}`] = headers[name];
  }
  for (const name of PRESENT) fields[`header.${name}`] = presence(headers[name]);
  const target = `${method} ${host.toLowerCase()}${path}`;
  return { step, endpoint, target, host: host.toLowerCase(), path, fields };
}

/**
 * @param {string} name
 * @param {string} value
 * @param {Names} names
 */
function normalizeField(name, value, names) {
  switch (name) {
    case "device_code":
    case "code":
      return names.of("device code", value);
    case "refresh_token":
      return names.of("refresh token", value);
    case "claims":
      return canonicalJson(value);
    default:
      return value;
  }
}

const presence = (header) => (header ? "present" : "absent");

/**
 * An id that is made up for a flow, by what it says: that this request belongs to the one before, or to none so far.
 *
 * @param {string | undefined} id
 * @param {string[]} earlier
 */
function related(id, earlier) {
  if (!id) return "absent";
  const relation = id === earlier.at(-1) ? "of the one before" : "new";
  if (relation === "new" && earlier.includes(id)) return "of an earlier one";
  earlier.push(id);
  return relation;
}

/** The same JSON in the same words: Python writes a space after a colon. What is no JSON stays as it is. */
function canonicalJson(text) {
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}

/**
 * @param {any} outcome
 * @param {Names} names
 */
function normalizeOutcome({ message, serialized, cause, ...outcome }, names) {
  const normal = { ...outcome };
  if (outcome.kind === "token") {
    normal.token = names.of("access token", outcome.token);
    normal.expiresIn = new Seconds(outcome.expiresIn);
    normal.refreshIn = outcome.refreshIn === null ? null : new Seconds(outcome.refreshIn);
  }
  if (serialized) normal.serialized = sorted(JSON.parse(serialized));
  if (message) {
    normal.code = /AADSTS\d+/.exec(message)?.[0];
    normal.timedOut = /timed out/i.test(message) || undefined;
  }
  return normal;
}

/**
 * @param {any} prompt
 * @param {Names} names
 */
function normalizePrompt({ expiresIn, userCode, ...prompt }, names) {
  if (prompt.printed !== undefined) return prompt;
  const code = names.of("user code", userCode);
  return { ...prompt, userCode: code, expiresIn: new Seconds(expiresIn) };
}

/**
 * @param {Record<string, Record<string, any>>} cache
 * @param {number} startedAt
 * @param {Names} names
 */
function normalizeCache(cache, startedAt, names) {
  const kinds = {
    AccessToken: "access token",
    RefreshToken: "refresh token",
    IdToken: "id token",
  };
  const normal = {};
  for (const section of Object.keys(cache).sort()) {
    const keys = Object.keys(cache[section]).sort();
    // MSAL for Python keeps a section it has emptied, others need not.
    if (keys.length) normal[section] = {};
    for (const key of keys) {
      const row = { ...cache[section][key] };
      if (kinds[section]) row.secret = names.of(kinds[section], row.secret);
      for (const name of CACHE_TIMES) {
        // Strings by the schema; anything else must show.
        if (typeof row[name] === "string") row[name] = new Seconds(Number(row[name]) - startedAt);
      }
      normal[section][key] = row;
    }
  }
  return normal;
}
