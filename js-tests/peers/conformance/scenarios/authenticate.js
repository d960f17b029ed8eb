/** `authenticate`: its scopes, its record, and that it asks the user. */

import {
  authenticate,
  CHINA,
  CLIENT,
  CONTOSO,
  credential,
  GOVERNMENT,
  GRAPH,
  getToken,
  idToken,
  PUBLIC,
  promptsOursAlone,
  TENANT,
  VAULT,
} from "./values.js";

const adfs = idToken({
  aud: CLIENT,
  iss: "https://adfs.contoso.test:8443/adfs",
  sub: "subject",
  upn: "ada@contoso.test",
});

export default [
  {
    name: "authenticate with scopes leaves a token for them",
    steps: [credential(), authenticate([VAULT]), getToken([VAULT])],
  },
  { name: "authenticate in the public cloud", steps: [credential(), authenticate(null)] },
  {
    name: "authenticate in China",
    steps: [credential({ authority: CHINA }), authenticate(null)],
  },
  {
    name: "authenticate in the Government cloud",
    steps: [credential({ authority: GOVERNMENT }), authenticate(null)],
  },
  {
    name: "authenticate without scopes elsewhere",
    server: { knownHosts: [CONTOSO] },
    steps: [
      credential({ authority: CONTOSO }),
      authenticate(null),
      credential({ authority: "login.windows.net" }),
      authenticate(null),
    ],
  },
  {
    name: "authenticate with scopes elsewhere",
    server: { knownHosts: [CONTOSO] },
    steps: [
      credential({ authority: CONTOSO, tenantId: TENANT }),
      authenticate([VAULT]),
      getToken([VAULT]),
    ],
  },
  { name: "authenticate with no scopes in the list", steps: [credential(), authenticate([])] },
  {
    name: "authenticate twice",
    steps: [credential(), authenticate([VAULT]), authenticate([VAULT])],
    differs: { "authenticate challenges": promptsOursAlone(2) },
  },
  {
    name: "authenticate twice, for different scopes",
    steps: [credential(), authenticate([VAULT]), authenticate([GRAPH]), getToken([VAULT])],
    differs: {
      "authenticate challenges": [
        `2 refresh POST ${PUBLIC}/organizations/oauth2/v2.0/token: sent → not sent`,
        ...promptsOursAlone(2),
      ],
    },
  },
  {
    name: "authenticate after a token",
    steps: [credential(), getToken([VAULT]), authenticate([VAULT])],
    differs: { "authenticate challenges": promptsOursAlone(2) },
  },
  {
    name: "authenticate where automatic authentication is off",
    steps: [
      credential({ disableAutomaticAuthentication: true }),
      getToken([VAULT, GRAPH]),
      authenticate([VAULT, GRAPH]),
      getToken([VAULT, GRAPH]),
    ],
  },
  {
    name: "authenticate that the user declines, then accepts",
    server: { replies: { token: [{ error: "authorization_declined" }] } },
    steps: [credential(), authenticate([VAULT]), authenticate([VAULT])],
  },
  {
    name: "authenticate with ADFS",
    server: { replies: { token: [{ omit: ["client_info"], set: { id_token: adfs } }] } },
    steps: [
      credential({ authority: "adfs.contoso.test", tenantId: "adfs" }),
      authenticate([VAULT]),
      getToken([VAULT]),
    ],
  },
];
