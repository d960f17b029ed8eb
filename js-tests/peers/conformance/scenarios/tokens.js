/** One token after another: from memory, by refresh, and when refreshing fails. */

import { ARM, authenticate, credential, GRAPH, getToken, nextReplies, VAULT } from "./values.js";

const signIn = getToken([VAULT]);
const strict = { disableAutomaticAuthentication: true };
const RETRY =
  "refresh POST login.microsoftonline.com/organizations/oauth2/v2.0/token: sent → not sent";
const outlives = (step) => ({
  "a living token outlives an outage": [`${step} kind: ClientAuthenticationError → token`],
  "one attempt with a living token": Array(3).fill(`${step} ${RETRY}`),
});

export default [
  {
    name: "the second token comes from memory",
    steps: [credential(), signIn, getToken([VAULT])],
  },
  {
    name: "another scope is refreshed, each time with the newest refresh token",
    steps: [credential(), signIn, getToken([GRAPH]), getToken([ARM]), getToken([GRAPH])],
  },
  {
    name: "a refresh that brings no new refresh token",
    server: { replies: { refresh: [{ omit: ["refresh_token"] }] } },
    steps: [credential(), signIn, getToken([GRAPH]), getToken([ARM])],
  },
  {
    name: "a refresh that brings no id token",
    differs: {
      "a refresh belongs to its account": [
        "3 refresh POST login.microsoftonline.com/organizations/oauth2/v2.0/token: sent → not sent",
        "3 token: access token 3 → access token 2",
      ],
    },
    server: { replies: { refresh: [{ omit: ["id_token", "client_info"] }] } },
    steps: [credential(), signIn, getToken([GRAPH]), getToken([GRAPH])],
  },
  {
    name: "a token for some of the scopes, in any order",
    steps: [
      credential(),
      getToken(["api://a/read", "api://a/write"]),
      getToken(["api://a/write"]),
      getToken(["api://a/write", "api://a/read"]),
      getToken(["api://a/read", "api://a/read"]),
      getToken(["api://a/read", "api://a/admin"]),
    ],
  },
  {
    name: "scopes in another case",
    steps: [credential(), getToken(["api://a/Read"]), getToken(["api://a/read"])],
  },
  {
    name: "a token in its last five minutes is refreshed",
    server: { tokenExpiresIn: 299 },
    steps: [credential(), signIn, getToken([VAULT])],
  },
  {
    name: "a token with over five minutes left is not",
    server: { tokenExpiresIn: 330 },
    steps: [credential(), signIn, getToken([VAULT])],
  },
  {
    name: "a token past refresh_on is refreshed",
    server: { refreshIn: 1 },
    steps: [
      credential(),
      signIn,
      { wait: 2.1 },
      { server: { refreshIn: 1000 } },
      getToken([VAULT]),
      getToken([VAULT]),
    ],
  },
  {
    name: "a token past refresh_on whose refresh is refused is used as it is",
    server: { refreshIn: 1, replies: { refresh: [{ error: 50173 }] } },
    steps: [credential(), signIn, { wait: 2.1 }, getToken([VAULT])],
  },
  {
    name: "a token past refresh_on while the server is down",
    server: { refreshIn: 1, replies: { refresh: [{ status: 503, repeat: "forever" }] } },
    steps: [credential(), signIn, { wait: 2.1 }, getToken([VAULT])],
    differs: outlives(3),
  },
  {
    name: "a token in its last five minutes while the server is down",
    server: { tokenExpiresIn: 200, replies: { refresh: [{ status: 500, repeat: "forever" }] } },
    steps: [credential(), signIn, getToken([VAULT])],
    differs: outlives(2),
  },
  {
    name: "a refresh while the server is down",
    server: { replies: { refresh: [{ status: 504, repeat: "forever" }] } },
    steps: [credential(), signIn, getToken([GRAPH])],
  },
  {
    name: "a refresh whose connection drops, then works",
    server: { replies: { refresh: [{ drop: "connect" }] } },
    steps: [credential(), signIn, getToken([GRAPH])],
  },
  {
    name: "a refresh whose connection always drops",
    server: { replies: { refresh: [{ drop: "connect", repeat: "forever" }] } },
    steps: [credential(), signIn, getToken([GRAPH])],
  },
  {
    name: "a refresh that must wait",
    server: { replies: { refresh: [{ status: 429, headers: { "Retry-After": "1" } }] } },
    steps: [credential(), signIn, getToken([GRAPH])],
  },
  {
    name: "a refresh that is answered with no JSON",
    server: { replies: { refresh: [{ text: "<html>proxy</html>" }] } },
    steps: [credential(), signIn, getToken([GRAPH])],
  },
  {
    name: "a refused refresh begins a new sign-in",
    differs: {
      "one request id a call": ["3 devicecode header.client-request-id: new → of the one before"],
    },
    steps: [credential(), signIn, { revoke: true }, getToken([GRAPH]), getToken([VAULT])],
  },
  {
    name: "a refused refresh, without automatic authentication",
    steps: [
      credential(strict),
      authenticate([VAULT]),
      { revoke: true },
      getToken([GRAPH]),
      getToken([VAULT]),
      authenticate([GRAPH]),
      getToken([GRAPH]),
    ],
  },
  {
    name: "interaction required at a refresh",
    differs: {
      "one request id a call": ["2 devicecode header.client-request-id: new → of the one before"],
    },
    server: {
      replies: { refresh: [{ error: 50076, set: { claims: '{"access_token":{"a":1}}' } }] },
    },
    steps: [credential(), signIn, getToken([GRAPH])],
  },
  {
    name: "interaction required at a refresh, without automatic authentication",
    server: {
      replies: { refresh: [{ error: 50076, set: { claims: '{"access_token":{"a":1}}' } }] },
    },
    steps: [credential(strict), authenticate([VAULT]), getToken([GRAPH])],
  },
  {
    name: "the same refresh after its refusal",
    differs: {
      "no throttling": [
        "3 refresh POST login.microsoftonline.com/organizations/oauth2/v2.0/token: not sent → sent",
        "3 kind: AuthenticationRequiredError → token",
      ],
    },
    server: { replies: { refresh: [{ error: 65001 }] } },
    steps: [credential(strict), authenticate([VAULT]), getToken([GRAPH]), getToken([GRAPH])],
  },
  {
    name: "an error of the server's at a refresh, with status 400",
    server: { replies: { refresh: [{ error: "server_error" }] } },
    steps: [credential(strict), authenticate([VAULT]), getToken([GRAPH])],
  },
  {
    name: "one user after another",
    differs: {
      "one request id a call": [
        "4 devicecode header.client-request-id: new → of the one before",
        "6 devicecode header.client-request-id: new → of the one before",
      ],
    },
    server: { tokenExpiresIn: 299 },
    steps: [
      credential(),
      signIn,
      { revoke: true },
      { server: { user: { oid: "8e7d6c5b-4a39-4281-9706-f5e4d3c2b1a0", username: "b@b.test" } } },
      getToken([VAULT]),
      nextReplies({ refresh: [{ error: 50173 }] }),
      getToken([GRAPH]),
    ],
  },
];
