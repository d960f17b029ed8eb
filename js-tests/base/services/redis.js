/** A Redis server of a test's own. */

import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keep } from "./kept.js";
import { findPrograms } from "./programs.js";

const ATTEMPTS = 5;

/**
 * On loopback; it writes nothing to the disk.
 *
 * @returns {Promise<{url: string, port: number, stop: () => Promise<void>}>}
 */
export async function startRedis() {
  const [program] = await findPrograms("redis-server");
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), "entra-device-code-redis-"));
    const where = ["--bind", "127.0.0.1", "--port", `${port}`, "--dir", folder];
    const args = [...where, "--save", "", "--appendonly", "no", "--daemonize", "no"];
    const redis = keep(program, args, { argv0: "redis-server", folder });
    try {
      await redis.printed(/Ready to accept connections/);
      return { url: `redis://127.0.0.1:${port}`, port, stop: redis.stop };
    } catch (error) {
      await redis.stop();
      // Somebody was faster.
      if (attempt === ATTEMPTS || !/in use/i.test(redis.output())) throw error;
    }
  }
}

/** @returns {Promise<number>} a port that was free a moment ago: Redis can't be told to take any */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
