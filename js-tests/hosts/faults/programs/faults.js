/**
 * The faults: what each makes of the right reply, and of what nature it is.
 *
 * | nature | |
 * |---|---|
 * | `harmless` | the reply means what it should |
 * | `silent` | there is no reply, after `lasts` milliseconds if not at once |
 * | `busy` | the service can't answer now; it may ask to wait `asks` milliseconds |
 * | `unfit` | a reply that means nothing |
 *
 * @typedef {object} Fault
 * @property {"harmless" | "silent" | "busy" | "unfit"} nature
 * @property {number} [status] of the reply
 * @property {number} [asks] `Retry-After`, in milliseconds
 * @property {boolean} [isDate] which a date says, in seconds
 * @property {number | "as long as it may"} [lasts]
 * @property {(good: object, request: {url: string, init: RequestInit, note: (what: object) => void}) => unknown} reply
 */

const JSON_TYPE = { "content-type": "application/json" };
const HTML_TYPE = { "content-type": "text/html" };
const SECOND = 1000;

/** @type {Record<string, Fault>} */
export const FAULTS = {
  refused: rejection("ECONNREFUSED", "connect ECONNREFUSED 192.0.2.1:443"),
  "reset before headers": rejection("ECONNRESET", "read ECONNRESET"),
  "reset inside headers": rejection("UND_ERR_SOCKET", "other side closed"),
  "reset inside body": silent((good) => {
    const text = JSON.stringify(good);
    const error = new TypeError(`terminated after ${text}`);
    return json([text.slice(0, text.length >> 1), error]);
  }),
  "TLS failure": rejection("SELF_SIGNED_CERT_IN_CHAIN", "self-signed certificate"),
  "DNS failure": rejection("ENOTFOUND", "getaddrinfo ENOTFOUND"),
  "stall before headers": stall((_, { init }) => aborted(init.signal)),
  "stall inside body": stall((good, { init }) => {
    const text = JSON.stringify(good);
    return json([text.slice(0, text.length >> 1), aborted(init.signal)]);
  }),
  "stall, deaf to aborts": stall(() => new Promise(() => {})),
  "fetch throws": silent((_, { init }) => {
    throw new Error(`can't send ${init.body}`);
  }),
  "fetch gives nothing": silent(() => undefined),
  "50 MB body": silent((_, { note }) => {
    const chunk = new Uint8Array(1 << 16).fill(32);
    let left = 800;
    return new Response(
      new ReadableStream({
        pull(controller) {
          left -= 1;
          note({ read: (800 - left) * chunk.length });
          if (left === 0) controller.close();
          else controller.enqueue(chunk);
        },
      }),
    );
  }),

  ...Object.fromEntries(
    [408, 429, 500, 502, 503, 504].map((status) => [`HTTP ${status}`, busy(status)]),
  ),
  "503, an OAuth error": {
    ...busy(503),
    reply: () => json('{"error":"invalid_client","error_description":"AADSTS700016"}', 503),
  },
  "429, after 7 s": busy(429, "7", 7 * SECOND),
  "503, after 7 s": busy(503, " 7 ", 7 * SECOND),
  "408, after 60 s": busy(408, "60", 60 * SECOND),
  "503, date in 20 s": {
    ...busy(503, () => date(Date.now() + 20 * SECOND), 20 * SECOND),
    isDate: true,
  },
  "429, after 61 s": busy(429, "61", 61 * SECOND),
  "429, after 10 years": busy(429, "315360000", 315_360_000 * SECOND),
  "503, after 1e30 s": busy(503, `1${"0".repeat(30)}`, Number.MAX_SAFE_INTEGER),
  "429, date in 9999": busy(429, "Fri, 31 Dec 9999 23:59:59 GMT", Number.MAX_SAFE_INTEGER),
  "503, date in 1999": busy(503, "Fri, 31 Dec 1999 23:59:59 GMT", 0),
  "503, after 0 s": busy(503, "0", 0),
  "503, after -5 s": busy(503, "-5"),
  "429, after 7.5 s": busy(429, "7.5"),
  "429, no date": busy(429, "Fri, 99 Foo 2026 25:61:61 GMT"),
  "429, soon": busy(429, "soon"),

  "HTTP 301": redirect(301),
  "HTTP 302": redirect(302),
  "HTTP 307": redirect(307),
  "304, nothing": unfit(() => new Response(null, { status: 304 }), 304),
  "204, nothing": unfit(() => new Response(null, { status: 204 }), 204),
  "404, HTML": unfit((_, { init }) => page(init, 404), 404),
  "200, HTML": unfit((_, { init }) => page(init, 200)),
  "200, nothing": unfit(() => json("")),
  "truncated JSON": unfit((good) => json(JSON.stringify(good).slice(0, -3))),
  "JSON, twice": unfit((good) => json(JSON.stringify(good).repeat(2))),
  "JSON of an array": unfit((good) => json(JSON.stringify([good]))),
  "wrong types": unfit((good) => json(JSON.stringify(map(good, (value) => [value])))),
  "keys twice, last wrong": unfit((good) => json(twice(good, (value) => [value, 7]))),
  "deep JSON, no end": unfit(() => json(`{"a":${"[".repeat(500_000)}`)),
  "UTF-16": unfit((good) => {
    const units = Uint16Array.from(`\ufeff${JSON.stringify(good)}`, (c) => c.charCodeAt(0));
    return json(new Uint8Array(units.buffer));
  }),

  "keys twice, first wrong": harmless((good) => json(twice(good, (value) => [7, value]))),
  "deep JSON": harmless((good) => {
    const deep = `${"[".repeat(250_000)}${"]".repeat(250_000)}`;
    return json(`${JSON.stringify(good).slice(0, -1)},"a":${deep}}`);
  }),
  BOM: harmless((good) => json(`\ufeff${JSON.stringify(good)}`)),
  "odd charset": harmless((good) =>
    json(JSON.stringify({ ...good, name: "Zoë" }), 200, {
      "content-type": "application/json; charset=iso-8859-5",
    }),
  ),
  "no UTF-8 in a name": harmless((good) => {
    const text = JSON.stringify({ ...good, name: "?" });
    return json(Uint8Array.from(text, (c) => (c === "?" ? 0xff : c.charCodeAt(0))));
  }),
  "a byte at a time": harmless((good) => json([...JSON.stringify(good)])),
  "no content type": harmless((good) => json(JSON.stringify(good), 200, {})),
};

export function silent(reply) {
  return { nature: "silent", reply };
}

export function stall(reply) {
  return { nature: "silent", lasts: "as long as it may", reply };
}

/** As runtimes reject, and worse: the message repeats the form. */
function rejection(code, message) {
  return silent((_, { init }) => {
    const cause = Object.assign(new Error(message), { code });
    return Promise.reject(new TypeError(`fetch failed: ${init.body}`, { cause }));
  });
}

function busy(status, retryAfter, asks) {
  const headers = () => {
    const value = typeof retryAfter === "function" ? retryAfter() : retryAfter;
    return value === undefined ? HTML_TYPE : { ...HTML_TYPE, "retry-after": value };
  };
  return { nature: "busy", status, asks, reply: (_, { init }) => page(init, status, headers()) };
}

export function unfit(reply, status = 200) {
  return { nature: "unfit", status, reply };
}

function redirect(status) {
  const headers = { location: "https://portal.example/" };
  return unfit((_, { init }) => page(init, status, headers), status);
}

export function harmless(reply) {
  return { nature: "harmless", reply };
}

/** Repeats what it was sent, as pages of errors do. */
function page(init, status, headers = HTML_TYPE) {
  return new Response(`<!doctype html><p>${init.body}</p>`, { status, headers });
}

/** A reply whose body comes in these parts; an error among them ends it, a promise holds it up. */
export function json(parts, status = 200, headers = JSON_TYPE) {
  const encoder = new TextEncoder();
  const left = (Array.isArray(parts) ? parts : [parts]).values();
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = left.next();
      if (done) return controller.close();
      if (value instanceof Error) return controller.error(value);
      if (value instanceof Promise) return void (await value);
      if (value !== "") {
        controller.enqueue(typeof value === "string" ? encoder.encode(value) : value);
      } else controller.close();
    },
  });
  return new Response(body, { status, headers });
}

/** Rejects when the request is aborted. */
function aborted(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

function map(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function twice(object, values) {
  const members = Object.entries(object).flatMap(([key, value]) =>
    values(value).map((each) => `${JSON.stringify(key)}:${JSON.stringify(each)}`),
  );
  return `{${members}}`;
}

function date(milliseconds) {
  return new Date(milliseconds).toUTCString();
}
