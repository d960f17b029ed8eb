/** Faults on real connections: the server that `../sockets.js` starts is asked for each. */

import { harmless, silent, stall, unfit } from "./faults.js";

/**
 * @typedef {object} Sockets
 * @property {string} url of the server; the path names the fault
 * @property {string} refused where nobody listens
 * @property {string} untrusted whose certificate nobody vouches for
 */

// Time is not replaced where these are used.
const send = globalThis.fetch;

/** @param {Sockets} sockets */
export function socketFaults({ url, refused, untrusted }) {
  const at =
    (place) =>
    async (good, { init }) => {
      // What the server is to say goes with the request, beside the form.
      const headers = { ...init.headers, "x-good": JSON.stringify(good) };
      const method = "POST";
      return send(place, { ...init, method, headers });
    };
  const on = (name) => at(`${url}/${name}`);
  return {
    "socket: refused": silent(at(refused)),
    "socket: reset before headers": silent(on("before")),
    "socket: reset inside headers": silent(on("headers")),
    "socket: reset inside body": silent(on("body")),
    "socket: reset inside chunks": silent(on("chunks")),
    "socket: TLS failure": silent(at(untrusted)),
    "socket: DNS failure": silent(at("https://nobody.invalid/")),
    "socket: stall before headers": stall(on("stall")),
    "socket: stall inside body": stall(on("stall-body")),
    "socket: 50 MB body": silent(on("large")),
    "socket: compression bomb": silent(on("bomb")),
    "socket: no gzip": silent(on("no-gzip")),
    "socket: 302": unfit(on("redirect"), 302),
    "socket: compressed": harmless(on("gzip")),
  };
}

/**
 * Sends requests that meet no fault, one after the other. On a busy machine they take long, and so does all else.
 *
 * @param {Sockets} sockets
 * @returns {{stop: () => Promise<number>}} resolves to the longest time that one has taken, in milliseconds
 */
export function measureLag({ url }) {
  let isOver = false;
  let longest = 0;
  const done = (async () => {
    while (!isOver) {
      const began = performance.now();
      await (await send(`${url}/healthy`)).text();
      longest = Math.max(longest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    async stop() {
      isOver = true;
      await done;
      return longest;
    },
  };
}
