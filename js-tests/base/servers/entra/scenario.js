/** One test case's private Entra: its settings, the replies it scripted, the codes and tokens it issued. */

import { randomUUID } from "node:crypto";
import { Recording } from "./recording.js";
import { opaque, userCode } from "./tokens.js";

/**
 * @typedef {object} ScenarioConfig
 * @property {number} [interval] seconds between polls, 5
 * @property {number} [expiresIn] a device code's life in seconds, 900
 * @property {number} [tokenExpiresIn] an access token's life in seconds, 3599
 * @property {number} [refreshIn] `refresh_in` of token replies, in seconds; absent by default
 * @property {Record<string, unknown>} [accessTokenClaims] put in access tokens in place of what they would say, by name
 *   (`aud`, `iss`, `exp`, …), for resources that look; null leaves a claim out
 * @property {boolean} [foci] the app is of Microsoft's family: token replies say `foci: "1"`
 * @property {number | null} [approveAfterPolls] polls answered `authorization_pending` before the user approves, 0;
 *   null: never, until told so. Polls with a scripted reply do not count
 * @property {boolean} [enforceInterval] a poll sooner than `interval` after the last reply gets `slow_down`, and the
 *   interval grows by 5 s (RFC 8628 §3.5)
 * @property {Partial<import("./tokens.js").User>} [user] a random one by default
 * @property {boolean} [retiresRefreshTokens] a refresh token serves once: who spends it a second time gets `invalid_grant`
 * @property {[number, number]} [latency] the shortest and the longest time, in ms, that replies are under way; half of it
 *   goes by before a reply is made. [0, 0] by default
 * @property {string[]} [knownHosts] hosts that instance discovery knows, besides Microsoft's
 * @property {string[]} [refreshTokens] refresh tokens that were issued before the scenario began
 * @property {Record<string, import("./scripted.js").Scripted[]>} [replies] by endpoint: devicecode, token, refresh,
 *   openid, instance
 */

/**
 * @typedef {object} IssuedCode
 * @property {string} userCode
 * @property {string} clientId
 * @property {string[]} scope
 * @property {number} expiresAt on the recording's clock
 * @property {"pending" | "approved" | "declined" | "redeemed"} state
 * @property {number} polls
 * @property {number} interval seconds
 * @property {number} [lastReplyAt]
 */

const QUEUES = ["devicecode", "token", "refresh", "openid", "instance"];

/** Its multiples, less their whole parts, are spread evenly. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

const DEFAULTS = {
  interval: 5,
  expiresIn: 900,
  tokenExpiresIn: 3599,
  refreshIn: undefined,
  accessTokenClaims: {},
  foci: false,
  approveAfterPolls: 0,
  enforceInterval: false,
  retiresRefreshTokens: false,
  latency: [0, 0],
  knownHosts: [],
};

export class Scenario {
  recording = new Recording();
  settings = { ...DEFAULTS };
  user = { oid: randomUUID(), tid: randomUUID(), username: "ada@contoso.com", name: "Ada" };
  /** @type {Map<string, IssuedCode>} by device code */
  codes = new Map();
  /** @type {Map<string, {clientId: string | null, revoked: boolean}>} client null: any, for seeded tokens */
  refreshTokens = new Map();
  /** @type {Map<string, import("./scripted.js").Scripted[]>} */
  #queues = new Map(QUEUES.map((name) => [name, []]));
  /** @type {Set<() => void>} what to call for replies that hang, when the scenario goes */
  #hanging = new Set();

  /**
   * @param {string} id
   * @param {ScenarioConfig} config
   */
  constructor(id, config) {
    this.id = id;
    this.configure(config);
  }

  /**
   * Changes the settings given and appends the replies given.
   *
   * @param {ScenarioConfig} config
   */
  configure({ user, replies = {}, refreshTokens = [], ...settings }) {
    const unknown = [
      ...Object.keys(settings).filter((name) => !(name in DEFAULTS)),
      ...Object.keys(replies).filter((name) => !this.#queues.has(name)),
    ];
    // A misspelt setting would otherwise make a test pass for the wrong reason.
    if (unknown.length) throw new TypeError(`unknown in a scenario: ${unknown.join(", ")}`);
    Object.assign(this.settings, settings);
    Object.assign(this.user, user);
    for (const token of refreshTokens)
      this.refreshTokens.set(token, { clientId: null, revoked: false });
    for (const [name, queue] of Object.entries(replies)) this.#queues.get(name)?.push(...queue);
  }

  /**
   * The next scripted reply of an endpoint, if one is left.
   *
   * @param {string} endpoint
   */
  nextScripted(endpoint) {
    const queue = this.#queues.get(endpoint);
    const next = queue?.[0];
    if (!queue || !next || next.repeat === "forever") return next;
    if ((next.repeat ?? 1) > 1) queue[0] = { ...next, repeat: Number(next.repeat) - 1 };
    else queue.shift();
    return next;
  }

  /**
   * @param {string} clientId
   * @param {string[]} scope
   */
  issueCode(clientId, scope) {
    const deviceCode = opaque(150);
    const { interval, expiresIn } = this.settings;
    /** @type {IssuedCode} */
    const issued = {
      userCode: userCode(),
      clientId,
      scope,
      expiresAt: this.recording.now() + expiresIn * 1000,
      state: "pending",
      polls: 0,
      interval,
    };
    this.codes.set(deviceCode, issued);
    return { deviceCode, userCode: issued.userCode };
  }

  /** @param {string} clientId */
  issueRefreshToken(clientId) {
    const token = `1.${opaque(300)}`;
    this.refreshTokens.set(token, { clientId, revoked: false });
    return token;
  }

  /**
   * The user answers the pages: every code that waits, or the one named.
   *
   * @param {"approved" | "declined"} state
   * @param {string} [code] a user code
   * @returns {number} how many codes that was
   */
  decide(state, code) {
    const waiting = [...this.codes.values()].filter(
      (issued) => issued.state === "pending" && (!code || issued.userCode === code),
    );
    for (const issued of waiting) issued.state = state;
    return waiting.length;
  }

  /**
   * How long the reply to a request is under way, in ms: spread over what is allowed, the same in each run.
   *
   * @param {number} n the request's number
   */
  latencyOf(n) {
    const [least, most] = this.settings.latency;
    return least + ((n * GOLDEN) % 1) * (most - least);
  }

  /** Every refresh token issued so far is dead, as after a change of password. */
  revoke() {
    for (const token of this.refreshTokens.values()) token.revoked = true;
    return this.refreshTokens.size;
  }

  /** @param {() => void} release */
  hang(release) {
    this.#hanging.add(release);
  }

  close() {
    for (const release of this.#hanging) release();
    this.#hanging.clear();
  }

  describe() {
    return { id: this.id, user: this.user, ...this.settings };
  }
}
