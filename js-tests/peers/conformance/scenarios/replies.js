/** Replies that leave something out, or say it in another way. */

import {
  authenticate,
  base64url,
  credential,
  GRAPH,
  getToken,
  idToken,
  PUBLIC,
  promptsOursAlone,
  promptsPythonAlone,
  VAULT,
} from "./values.js";

const atDeviceRequest = (name, change, { approveAfterPolls = 0, ...more } = {}) => ({
  name,
  server: { approveAfterPolls, replies: { devicecode: [change] } },
  steps: [credential(), getToken([VAULT])],
  ...more,
});

/** The token, then the account that should have come with it. */
const atPoll = (name, change, steps = [getToken([VAULT]), getToken([VAULT])], differs = {}) => ({
  name,
  server: { replies: { token: [change] } },
  steps: [credential(), ...steps],
  differs,
});

const noIdToken = {
  "token without an id token": [
    "1 kind: ClientAuthenticationError → token",
    ...promptsPythonAlone(2),
  ],
};

const code = { user_code: "ABCD12345", message: "Enter ABCD12345 at the page." };
const record = [authenticate([VAULT])];

export default [
  atDeviceRequest("no interval", { omit: ["interval"] }, { approveAfterPolls: 1 }),
  atDeviceRequest("an interval in a string", { set: { interval: "1" } }, { approveAfterPolls: 1 }),
  atDeviceRequest("an interval of zero", { set: { interval: 0 } }, { approveAfterPolls: 1 }),
  atDeviceRequest("no life of the code", { omit: ["expires_in"] }),
  atDeviceRequest("a life of the code in a string", { set: { expires_in: "600" } }),
  atDeviceRequest("no message", { omit: ["message"] }),
  atDeviceRequest("a user code and a page", {
    set: { ...code, verification_uri: "https://login.microsoft.com/device" },
  }),
  atDeviceRequest("no user code", { omit: ["user_code"] }),
  atDeviceRequest(
    "no device code",
    { omit: ["device_code"] },
    { differs: { "no slips": ["1 prompts: 1 → 0"] } },
  ),
  atDeviceRequest("no page", { omit: ["verification_uri"] }),
  atDeviceRequest(
    "the message is printed",
    { set: code },
    { serial: true, steps: [credential({ prompt: "printed" }), getToken([VAULT])] },
  ),
  atDeviceRequest(
    "no message to print",
    { set: code, omit: ["message"] },
    {
      serial: true,
      steps: [credential({ prompt: "printed" }), getToken([VAULT])],
      differs: {
        "no slips": promptsOursAlone(1)
          .slice(1)
          .concat("1 kind: ClientAuthenticationError → token"),
      },
    },
  ),

  atPoll("no id token", { omit: ["id_token"] }, undefined, noIdToken),
  atPoll("no id token at authenticate", { omit: ["id_token"] }, record),
  atPoll("an id token that is none", { set: { id_token: "garbage" } }, undefined, noIdToken),
  atPoll("an id token that is none, at authenticate", { set: { id_token: "a.b.c" } }, record),
  atPoll(
    "no name in the id token",
    {
      set: { id_token: idToken({ iss: "https://h/t", aud: "a", sub: "s", tid: "t" }) },
    },
    undefined,
    noIdToken,
  ),
  atPoll(
    "no name in the id token, at authenticate",
    { set: { id_token: idToken({ iss: "https://h/t", aud: "a", sub: "s", tid: "t" }) } },
    record,
    { "other names than Entra's": ["1 kind: ClientAuthenticationError → record"] },
  ),
  atPoll(
    "a name as ADFS has it, and no tenant",
    { set: { id_token: idToken({ iss: "https://h/t/", aud: "a", sub: "s", upn: "u" }) } },
    [authenticate([VAULT]), getToken([VAULT])],
  ),
  atPoll("no client_info", { omit: ["client_info"] }, [
    authenticate([VAULT]),
    getToken([VAULT]),
    getToken([GRAPH]),
  ]),
  atPoll("client_info without a tenant", { set: { client_info: base64url({ uid: "u" }) } }, record),
  atPoll("client_info that is none", { set: { client_info: "%%%" } }, record),
  atPoll("no refresh token", { omit: ["refresh_token"] }, [
    getToken([VAULT]),
    getToken([VAULT]),
    getToken([GRAPH]),
  ]),
  atPoll("no scope", { omit: ["scope"] }, undefined, {
    "a token is for what was asked": [
      `2 refresh POST ${PUBLIC}/organizations/oauth2/v2.0/token: sent → not sent`,
      "2 token: access token 2 → access token 1",
    ],
  }),
  atPoll(
    "another scope than asked for",
    { set: { scope: "other" } },
    [getToken([VAULT]), getToken([VAULT]), getToken(["other"])],
    {
      "a token answers for what was asked": [
        "2 refresh POST login.microsoftonline.com/organizations/oauth2/v2.0/token: sent → not sent",
        "2 token: access token 2 → access token 1",
      ],
    },
  ),
  atPoll("a life of the token in a string", {
    set: { expires_in: "3000" },
    omit: ["ext_expires_in"],
  }),
  atPoll("no life of the token", { omit: ["expires_in", "ext_expires_in"] }, undefined, {
    "no slips": ["1 kind: KeyError → token"],
  }),
  atPoll("a time to refresh", { set: { refresh_in: 1800 } }),
  atPoll("a time to refresh in a string", { set: { refresh_in: "1800" } }, undefined, {
    "no slips": [
      "1 kind: ClientAuthenticationError → token",
      ...promptsPythonAlone(2),
      "2 refreshIn: null → a time",
    ],
  }),
  atPoll("no type of the token", { omit: ["token_type"] }),
  atPoll("another type of the token", { set: { token_type: "bearer" } }, undefined, {
    "token type": ["1 tokenType: bearer → Bearer", "2 tokenType: bearer → Bearer"],
  }),
  atPoll("no access token", { omit: ["access_token"] }, undefined, {
    "polling survives": promptsOursAlone(1).slice(1, 2),
  }),
  atPoll("an error with status 200", { status: 200, json: { error: "access_denied" } }),
  {
    name: "a refresh whose life is in a string",
    server: { replies: { refresh: [{ set: { expires_in: "3000" }, omit: ["scope"] }] } },
    steps: [credential(), getToken([VAULT]), getToken([GRAPH]), getToken([GRAPH])],
  },
];
