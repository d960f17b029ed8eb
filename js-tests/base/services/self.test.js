/** The services themselves: they answer, and nothing is left of them, even if the process that started them is killed. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startChromium } from "./chromium.js";
import { startKeyring } from "./keyring.js";
import { startRedis } from "./redis.js";

/** How long what is to go may still be there, in milliseconds. */
const GONE_WITHIN = 5000;

test("redis answers, until it is stopped", async () => {
  const { port, stop } = await startRedis();
  assert.equal(await ping(port), "+PONG\r\n");
  await stop();
  await assert.rejects(ping(port), { code: "ECONNREFUSED" });
});

test("two Redis servers don't meet", async () => {
  const both = await Promise.all([startRedis(), startRedis()]);
  assert.notEqual(both[0].port, both[1].port);
  await Promise.all(both.map(({ stop }) => stop()));
});

test("a keyring is there, loses its daemon, gets it back, and goes", async () => {
  const keyring = await startKeyring();
  const folder = keyring.env.XDG_RUNTIME_DIR;
  assert.ok(existsSync(folder));
  await keyring.lock();
  await keyring.stopDaemon();
  await assert.rejects(keyring.lock(), /ServiceUnknown/);
  await keyring.startDaemon();
  await keyring.lock();
  await keyring.stop();
  assert.ok(!existsSync(dirname(folder)));
});

test("Chromium shows a page, and goes with its profile", async () => {
  const { browser, folder, stop } = await startChromium();
  const page = await browser.newPage();
  await page.goto("data:text/html,<title>Here</title>");
  assert.equal(await page.title(), "Here");
  await assert.rejects(page.goto("http://example.com/"), /ERR_NAME_NOT_RESOLVED/);
  await stop();
  assert.ok(!existsSync(folder));
});

test("nothing is left of them when the process that started them is killed", async () => {
  const program = `
    import { startChromium } from ${JSON.stringify(new URL("chromium.js", import.meta.url))};
    import { startKeyring } from ${JSON.stringify(new URL("keyring.js", import.meta.url))};
    import { startRedis } from ${JSON.stringify(new URL("redis.js", import.meta.url))};
    const services = [startRedis(), startKeyring(), startChromium()];
    const [{ port }, { env }, { folder }] = await Promise.all(services);
    console.log(JSON.stringify({ port, folders: [env.XDG_RUNTIME_DIR, folder] }));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout.setEncoding("utf8"), "data");
  const { port, folders } = JSON.parse(line);
  assert.equal(await ping(port), "+PONG\r\n");
  child.kill("SIGKILL");
  const until = Date.now() + GONE_WITHIN;
  const isThere = () =>
    existsSync(dirname(folders[0])) ||
    existsSync(folders[1]) ||
    ping(port).then(
      () => true,
      () => false,
    );
  while (await isThere()) {
    assert.ok(Date.now() < until, "still there");
    await sleep(50);
  }
});

/** @param {number} port */
async function ping(port) {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.end("PING\r\n");
  const [reply] = await once(socket.setEncoding("utf8"), "data");
  socket.destroy();
  return reply;
}
