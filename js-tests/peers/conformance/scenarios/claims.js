/** Claims challenges and continuous access evaluation. */

import { authenticate, credential, GRAPH, getToken, VAULT } from "./values.js";

const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
const CP1 = '"xms_cc":{"values":["CP1"]}';
const withDevice = (step, left = "-", right = claims) => ({
  "claims with the device request": [`${step} devicecode form.claims: ${left} → ${right}`],
});
const withDeviceAndCp1 = withDevice(
  1,
  `{"access_token":{${CP1}}}`,
  `{"access_token":{"acrs":{"essential":true,"value":"c1"},${CP1}}}`,
);
const NOT_JSON = '{"access_token": {"essential": "true"}';

export default [
  {
    name: "claims at the first sign-in",
    steps: [credential(), getToken([VAULT], { claims }), getToken([VAULT])],
    differs: withDevice(1),
  },
  {
    name: "claims spend the refresh token, whatever is in memory",
    steps: [credential(), getToken([VAULT]), getToken([VAULT], { claims }), getToken([VAULT])],
  },
  {
    name: "claims that a refresh cannot meet",
    server: { replies: { refresh: [{ error: 50076 }] } },
    steps: [credential(), getToken([VAULT]), getToken([VAULT], { claims })],
    differs: {
      ...withDevice(2),
      "one request id a call": ["2 devicecode header.client-request-id: new → of the one before"],
    },
  },
  {
    name: "claims that a refresh cannot meet, without automatic authentication",
    server: { replies: { refresh: [{ error: 50076 }] } },
    steps: [
      credential({ disableAutomaticAuthentication: true }),
      authenticate([VAULT]),
      getToken([VAULT], { claims }),
      authenticate([VAULT], { claims }),
    ],
    differs: withDevice(3),
  },
  {
    name: "claims without automatic authentication, before any sign-in",
    steps: [
      credential({ disableAutomaticAuthentication: true }),
      getToken([VAULT, GRAPH], { claims }),
    ],
  },
  {
    name: "continuous access evaluation",
    steps: [
      credential(),
      getToken([VAULT], { enableCae: true }),
      getToken([VAULT], { enableCae: true }),
      getToken([GRAPH], { enableCae: true }),
    ],
  },
  {
    name: "continuous access evaluation has a cache of its own",
    steps: [
      credential(),
      getToken([VAULT]),
      getToken([VAULT], { enableCae: true }),
      getToken([VAULT]),
      getToken([VAULT], { enableCae: true }),
    ],
    differs: {
      "one sign-in for both kinds of session": [
        "2 devicecode POST login.microsoftonline.com/organizations/oauth2/v2.0/devicecode: sent → not sent",
        "2 token POST login.microsoftonline.com/organizations/oauth2/v2.0/token: sent → not sent",
        "2 refresh POST login.microsoftonline.com/organizations/oauth2/v2.0/token: not sent → sent",
        "2 prompts: 1 → 0",
      ],
    },
  },
  {
    name: "claims with continuous access evaluation",
    steps: [
      credential(),
      getToken([VAULT], { enableCae: true, claims }),
      getToken([VAULT], { enableCae: true, claims: '{"id_token":{"auth_time":null}}' }),
    ],
    differs: withDeviceAndCp1,
  },
  {
    name: "claims that name capabilities themselves",
    steps: [
      credential(),
      getToken([VAULT], { enableCae: true }),
      getToken([VAULT], {
        enableCae: true,
        claims: '{"access_token":{"xms_cc":{"values":["cp2"]},"nbf":{"value":"1"}}}',
      }),
    ],
  },
  {
    name: "authenticate with claims and continuous access evaluation",
    steps: [
      credential(),
      authenticate([VAULT], { enableCae: true, claims }),
      getToken([VAULT], { enableCae: true }),
    ],
    differs: withDeviceAndCp1,
  },
  {
    name: "claims that are no JSON",
    differs: {
      "claims are checked": [
        "1 devicecode POST login.microsoftonline.com/organizations/oauth2/v2.0/devicecode: sent → not sent",
        "1 token POST login.microsoftonline.com/organizations/oauth2/v2.0/token: sent → not sent",
        "1 kind: token → ArgumentError",
        "1 prompts: 1 → 0",
      ],
    },
    steps: [credential(), getToken([VAULT], { claims: NOT_JSON })],
  },
  {
    name: "claims that are no JSON, with continuous access evaluation",
    differs: {
      "claims are checked": [
        "1 devicecode POST login.microsoftonline.com/organizations/oauth2/v2.0/devicecode: sent → not sent",
        "1 kind: ClientAuthenticationError → ArgumentError",
        "1 prompts: 1 → 0",
      ],
    },
    steps: [credential(), getToken([VAULT], { claims: NOT_JSON, enableCae: true })],
  },
  {
    name: "empty claims are none",
    steps: [credential(), getToken([VAULT]), getToken([VAULT], { claims: "" })],
  },
];
