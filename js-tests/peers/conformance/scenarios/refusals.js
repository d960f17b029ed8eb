/** Sign-ins that end otherwise than by a token: the user's no, the server's no, the clock's. */

import { authenticate, credential, GRAPH, getToken, PUBLIC, VAULT } from "./values.js";

/** A refusal at the second poll; the credential works on afterwards. */
const atPoll = (name, reply) => ({
  name,
  server: { replies: { token: [{ error: "authorization_pending" }, reply] } },
  steps: [credential(), getToken([VAULT]), getToken([VAULT])],
});

const atDeviceRequest = (name, ...replies) => ({
  name,
  server: { replies: { devicecode: replies } },
  steps: [credential(), getToken([VAULT])],
});

const never = { approveAfterPolls: null };

const survives = {
  "polling survives": [
    `1 token POST ${PUBLIC}/organizations/oauth2/v2.0/token: not sent → sent`,
    "1 kind: ClientAuthenticationError → token",
  ],
};
const anyPolls = (...more) => ({ "polling times": ["0 polls: some → some", ...more] });

export default [
  atPoll("the user declines", { error: "authorization_declined" }),
  atPoll("access is denied", { error: "access_denied" }),
  atPoll("conditional access denies", { error: 53003 }),
  atPoll("the code is said to have expired", { error: "expired_token" }),
  atPoll("the code is said to be bad", { error: "bad_verification_code" }),
  atPoll("an error nobody knows", { error: "of_tomorrow" }),
  atPoll("interaction required at a poll", { error: 50079 }),
  atPoll("no public client", { error: 7000218 }),
  {
    name: "polling too fast",
    server: { replies: { token: [{ error: "slow_down" }] } },
    steps: [credential(), getToken([VAULT])],
  },
  {
    name: "a server that is down for one poll",
    server: { replies: { token: [{ status: 503 }] } },
    steps: [credential(), getToken([VAULT])],
  },
  {
    name: "a connection that drops at one poll",
    server: { replies: { token: [{ drop: "connect" }] } },
    steps: [credential(), getToken([VAULT])],
  },
  {
    name: "a poll that must wait",
    server: { replies: { token: [{ status: 429, headers: { "Retry-After": "1" } }] } },
    steps: [credential(), getToken([VAULT])],
  },
  {
    name: "a poll that is answered with no JSON",
    server: { replies: { token: [{ text: "<html>proxy</html>" }] } },
    steps: [credential(), getToken([VAULT])],
    differs: survives,
  },
  {
    // Other statuses Python repeats by itself.
    name: "a poll that fails with a status that Python does not retry",
    server: { replies: { token: [{ status: 501 }] } },
    steps: [credential(), getToken([VAULT])],
    differs: survives,
  },
  atDeviceRequest("no public client, at the device request", { error: 7000218 }),
  atDeviceRequest("no such application", { error: 700016 }),
  atDeviceRequest("no such scope", { error: 70011 }),
  atDeviceRequest("a device request that fails once", { status: 503 }),
  atDeviceRequest("a device request whose connection drops once", { drop: "connect" }),
  atDeviceRequest("a device request that always fails", { status: 500, repeat: "forever" }),
  atDeviceRequest("a device request whose connection always drops", {
    drop: "connect",
    repeat: "forever",
  }),
  atDeviceRequest("a device request that is answered with no JSON", { text: "<html></html>" }),
  atDeviceRequest("a device request that is sent elsewhere", { redirect: true }),
  {
    name: "the same device request after its refusal",
    differs: {
      "no throttling": [
        "2 devicecode POST login.microsoftonline.com/organizations/oauth2/v2.0/devicecode: not sent → sent",
        "2 token POST login.microsoftonline.com/organizations/oauth2/v2.0/token: not sent → sent",
        "2 kind: ClientAuthenticationError → token",
        "2 prompts: 0 → 1",
      ],
    },
    server: { replies: { devicecode: [{ error: 700016 }] } },
    steps: [credential(), getToken([VAULT]), getToken([VAULT])],
  },
  {
    name: "a prompt that cannot be shown",
    steps: [credential({ prompt: "throws" }), getToken([VAULT])],
  },
  {
    name: "a user who is too slow",
    anyPolls: true,
    server: never,
    steps: [
      credential({ timeout: 2 }),
      getToken([VAULT]),
      { server: { approveAfterPolls: 0 } },
      getToken([VAULT]),
    ],
    differs: anyPolls(),
  },
  {
    name: "a code that expires before the timeout",
    anyPolls: true,
    server: { ...never, expiresIn: 2, replies: { token: pendingForever() } },
    steps: [credential({ timeout: 60 }), getToken([VAULT])],
    differs: anyPolls(),
  },
  {
    name: "a code that expires, as the server says",
    anyPolls: true,
    server: { ...never, expiresIn: 2 },
    steps: [credential(), authenticate([GRAPH])],
    // The last poll comes before the code expires, so that it is never the server who says it.
    differs: anyPolls(
      "1 status: 400 → -",
      "1 oauthError: expired_token → -",
      "1 errorCodes: [70020] → -",
      "1 code: AADSTS70020 → -",
    ),
  },
];

/** Unlike the stand-in, some servers never say that a code has expired. */
function pendingForever() {
  return [{ error: "authorization_pending", repeat: "forever" }];
}
