/**
 * Runs of the program in a home where nothing is yet: what is kept between them is only theirs. They sign in at Microsoft's
 * own hosts, about which nothing must be asked.
 */

import { mkdtemp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { equal } from "../base/harness/assert.js";
import { arrange, SCOPE } from "./arrange.js";
import { onNetwork, place, startCli } from "./program.js";

/** Whoever runs the tests may have a keyring. */
const NO_KEYRING = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere", XDG_RUNTIME_DIR: "/nowhere" };

export const ADA = { username: "ada@contoso.com", oid: "11111111-aaaa-4aaa-8aaa-111111111111" };
export const BOB = { username: "bob@contoso.com", oid: "22222222-bbbb-4bbb-8bbb-222222222222" };

export const OTHER_SCOPE = "https://vault.azure.net/.default";

/** A cache in a plain file. */
export const PLAIN = ["--cache", "work", "--allow-unencrypted-storage"];

export const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+\n$/;

/**
 * A scenario, whose user is Ada, and such a home.
 *
 * @param {import("../base/harness/suite.js").TestContext} t
 * @param {import("../base/servers/entra/scenario.js").ScenarioConfig} [config]
 */
export async function atHome(t, config = {}) {
  const { s } = await arrange(t, { user: ADA, ...config });
  const home = await mkdtemp(join(place.dir, "home-"));
  const folder = join(home, ".IdentityService");
  const variables = { HOME: home, USERPROFILE: home, LOCALAPPDATA: home, ...NO_KEYRING };

  /** @param {Record<string, {scope: string, body: unknown}>} [resources] */
  function environment(resources) {
    const { preload, env } = onNetwork(s, resources);
    return { preload, env: { ...env, ...variables } };
  }
  const network = environment();

  /**
   * @param {string} command
   * @param {string[]} [args] without a scope, SCOPE
   * @param {import("./program.js").ProgramOptions} [options]
   */
  function start(command, args = [], { env, ...options } = {}) {
    const asksForScope = ["token", "login"].includes(command) && !args.includes("--scope");
    const scope = asksForScope ? ["--scope", SCOPE] : [];
    const own = { ...network.env, ...env };
    return startCli(t, [command, ...scope, ...args], { ...network, ...options, env: own });
  }

  return {
    s,
    network,
    environment,
    home,
    folder,
    /** Where the cache `work` is. */
    file: join(folder, "work.nocae"),
    start,
    run: (...how) => start(...how).ended,
    asked: async () => (await s.requests()).map(({ endpoint }) => endpoint),
    files: () => readdir(folder).catch(() => /** @type {string[]} */ ([])),
  };
}

/**
 * @param {Awaited<ReturnType<typeof atHome>>} home
 * @param {string[]} args
 */
export async function signInBoth({ s, run }, args) {
  for (const user of [ADA, BOB]) {
    await s.script({ user });
    const { status, stderr } = await run("login", args);
    equal(status, 0, stderr);
  }
}

/** @param {string} stdout a token */
export function claimsOf(stdout) {
  return JSON.parse(Buffer.from(stdout.split(".")[1], "base64url").toString());
}
