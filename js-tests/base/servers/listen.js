/** Listens on a free port of 127.0.0.1. */

/**
 * @param {import("node:http").Server | import("node:https").Server} server
 * @returns {Promise<{port: number, stop: () => Promise<void>}>}
 */
export async function listen(server) {
  // Longer than a client keeps an idle connection: else a reused one may just have been closed, and a test that counts
  // requests would see one too many.
  server.keepAliveTimeout = 120_000;
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(undefined));
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const stop = () =>
    new Promise((resolve) => {
      server.close(() => resolve(undefined));
      server.closeAllConnections();
    });
  return { port, stop };
}
