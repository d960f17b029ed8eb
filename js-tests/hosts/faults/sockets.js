/** A server that fails in the way its path says, one whose certificate nobody trusts, and a port where nobody listens. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { gzipSync } from "node:zlib";
import { createCertificate } from "../../base/servers/certificate.js";
import { listen } from "../../base/servers/listen.js";

const MEGABYTE = 1 << 20;

/** 200 MB that are 200 kB. */
const bomb = gzipSync(Buffer.alloc(200 * MEGABYTE, " "));
const chunk = Buffer.alloc(1 << 16, " ");

/** What it does with a request, and the reply that would be right. */
const FAULTS = {
  before: (_, response) => reset(response),
  headers(_, { socket }) {
    socket.write("HTTP/1.1 200 OK\r\nContent-Type: appli", () => socket.destroy());
  },
  body(good, response) {
    response.writeHead(200, { "content-length": good.length });
    response.write(good.slice(0, good.length >> 1), () => response.socket.destroy());
  },
  chunks(good, response) {
    response.writeHead(200);
    response.write(good.slice(0, good.length >> 1), () => reset(response));
  },
  stall() {},
  "stall-body"(good, response) {
    response.writeHead(200, { "content-length": good.length });
    response.write(good.slice(0, good.length >> 1));
  },
  async large(_, response) {
    response.writeHead(200);
    for (let sent = 0; sent < 50 * MEGABYTE && !response.destroyed; sent += chunk.length) {
      if (response.write(chunk)) continue;
      await new Promise((resolve) => {
        response.once("drain", resolve).once("close", resolve);
      });
    }
    response.end();
  },
  bomb(_, response) {
    response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
  },
  "no-gzip"(good, response) {
    response.writeHead(200, { "content-encoding": "gzip" }).end(good);
  },
  redirect(_, response) {
    response.writeHead(302, { location: "/followed" }).end("moved");
  },
  gzip(good, response) {
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(good));
  },
};

/** The connections below TLS, by the port at their other end. */
const connections = new Map();

/** Not a farewell, but `RST`. */
function reset({ socket }) {
  connections.get(socket.remotePort).resetAndDestroy();
}

export async function startSockets() {
  const [trusted, untrusted] = await Promise.all([createCertificate(), createCertificate()]);
  let followed = false;
  const server = await serve(trusted, (request, response) => {
    const name = request.url.slice(1);
    if (name === "followed") followed = true;
    request.resume().once("end", () => {
      const answer = FAULTS[name] ?? ((good, response) => response.writeHead(404).end(good));
      answer(request.headers["x-good"] ?? "", response);
    });
  });
  const stranger = await serve(untrusted, (_, response) => response.end());
  const nobody = await serve(trusted, () => {});
  await nobody.stop();
  return {
    caFile: trusted.caFile,
    addresses: { url: server.url, refused: nobody.url, untrusted: stranger.url },
    wasFollowed: () => followed,
    async stop() {
      await Promise.all([server.stop(), stranger.stop()]);
      await Promise.all([trusted.remove(), untrusted.remove()]);
    },
  };
}

async function serve({ certFile, keyFile }, answer) {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  const server = createServer({ cert, key }, answer);
  server.on("connection", (socket) => connections.set(socket.remotePort, socket));
  server.on("clientError", (_, socket) => socket.destroy());
  const { port, stop } = await listen(server);
  return { url: `https://localhost:${port}`, stop };
}
