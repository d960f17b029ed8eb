/**
 * A home in which Python and we meet. The sides are alike:
 *
 *     signIn(scope)           signs the scenario's user in; the authentication record
 *     token(record, scope)    gets a token without a user
 *
 * Whatever a side does, it does as a program that has just been started, which knows only what the file tells it; with `keep`,
 * as one that has been running since it was first named.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { equal, ok } from "../../base/harness/assert.js";
import { testServers } from "../../base/harness/servers.js";
import { atHome } from "../../cli/home.js";
import { follow, place, start } from "../../cli/program.js";

/** Set by run.js: the interpreter, and where it finds portalocker. */
export const python = { program: "", portalocker: "" };

/** Where the programs are in the project. */
const PROGRAMS = "interop/programs";
export const DIES = `${PROGRAMS}/dies.mjs`;

export const GRAPH = "https://graph.microsoft.com/.default";
export const VAULT = "https://vault.azure.net/.default";
export const STORAGE = "https://storage.azure.com/.default";
export const ARM = "https://management.core.windows.net//.default";

/** Who can be at home, by the runtime of ours. */
export const OURS = ["cli", "node", "deno", "bun"];

/** An access token that is too old for use from the start, so that each call is a renewal. */
export const SHORT = { tokenExpiresIn: 200 };

/**
 * @typedef {object} Side
 * @property {(scope: string, more?: object) => Promise<string>} signIn
 * @property {(record: string, scope: string, more?: object) => Promise<string>} token
 */

/**
 * @param {import("../../base/harness/suite.js").TestContext} t
 * @param {import("../../base/servers/entra/scenario.js").ScenarioConfig} [config]
 */
export async function meet(t, config) {
  const home = await atHome(t, config);
  const { s, folder } = home;
  const variables = {
    HOME: home.home,
    USERPROFILE: home.home,
    LOCALAPPDATA: home.home,
    ENTRA: testServers().entra.url,
    CA_FILE: place.caFile,
  };
  /** What commands say that does not differ between sides. */
  const here = { name: "work", scenario: s.id, tenant_id: s.user.tid };

  /** @param {Record<string, string>} [env] */
  function theirs(env) {
    const command = [python.program, `${PROGRAMS}/theirs.py`];
    return createAgent(follow(t, command, { ...variables, ...env }), here);
  }

  /** @param {string} [on] */
  function ours(on = "node") {
    if (on === "cli") return cli;
    return createAgent(start(t, `${PROGRAMS}/ours.js`, [], { on, env: variables }), here);
  }

  const flags = ["--cache", "work", "--allow-unencrypted-storage", "--tenant", s.user.tid];
  const cli = {
    async signIn(scope) {
      const { stdout, stderr, status } = await home.run("login", [...flags, "--scope", scope]);
      equal(status, 0, stderr);
      return stdout.trim();
    },
    async token(record, scope, { env } = {}) {
      const { homeAccountId } = JSON.parse(record);
      const args = [...flags, "--scope", scope, "--username", homeAccountId];
      const { stdout, stderr } = await home.run("token", args, { env });
      equal(stderr, "", "nobody is asked");
      return stdout.trim();
    },
  };

  return {
    ...home,
    flags,
    theirs,
    ours,
    lock: `${join(folder, "work.nocae")}.lockfile`,
    /** What was asked of Entra, less where and whether to ask. */
    async asked() {
      const found = await home.asked();
      return found.filter((endpoint) => !["openid", "instance"].includes(endpoint));
    },
    /** The cache, parsed. */
    read: async (name = "work.nocae") => JSON.parse(await readFile(join(folder, name), "utf8")),
  };
}

/**
 * A program that takes commands.
 *
 * @param {import("../../cli/program.js").Program} program
 * @param {object} here
 */
function createAgent(program, here) {
  const lines = createInterface({ input: program.child.stdout })[Symbol.asyncIterator]();

  async function ask(name, options) {
    program.type(`${JSON.stringify({ do: name, with: options })}\n`);
    const { value } = await lines.next();
    if (!value) throw new Error(`the program has ended:\n${program.stderr}`);
    equal(program.stderr, "", "nothing went wrong without an error");
    return JSON.parse(value);
  }

  async function expect(name, options) {
    const answer = await ask(name, options);
    ok(!answer.error, `${answer.error}: ${answer.message}`);
    return answer;
  }

  return {
    ask,
    expect,
    async signIn(scope, more) {
      const { record, prompts } = await expect("sign_in", { ...here, scope, ...more });
      equal(prompts, 1);
      return record;
    },
    async token(record, scope, more) {
      const silent = { record, disable_automatic_authentication: true };
      return (await expect("token", { ...here, scope, ...silent, ...more })).token;
    },
    /** The error of a user who would have to sign in. */
    async refused(record, scope, more) {
      const silent = { record, disable_automatic_authentication: true };
      const answer = await ask("token", { ...here, scope, ...silent, ...more });
      equal(answer.error, "AuthenticationRequiredError", answer.message);
    },
    /** The options of whoever's record this is. */
    as: (record, more) => ({ ...here, record, ...more }),
  };
}

/**
 * Tokens are too long to be shown.
 *
 * @param {string} one
 * @param {string} other
 */
export function same(one, other) {
  ok(one && one === other, "expected the same token");
}

/** The one refresh token of a cache. */
export function refreshToken(cache) {
  const tokens = Object.values(cache.RefreshToken);
  equal(tokens.length, 1);
  return tokens[0].secret;
}
