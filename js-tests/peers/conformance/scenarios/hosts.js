/** Where to sign in: clouds, other hosts, and what is discovered about them. */

import {
  ARM,
  CHINA,
  CONTOSO,
  credential,
  GOVERNMENT,
  GRAPH,
  getToken,
  PUBLIC,
  TENANT,
  VAULT,
} from "./values.js";

const OTHER_HOSTS = [
  "login.microsoft.com",
  "login.windows.net",
  "sts.windows.net",
  "login.partner.microsoftonline.cn",
  "login.microsoftonline.de",
  "login-us.microsoftonline.com",
  "login.usgovcloudapi.net",
  "login.sovcloud-identity.fr",
  "login.sovcloud-identity.de",
  "login.sovcloud-identity.sg",
];

const pending = { approveAfterPolls: 1 };

export default [
  {
    name: "a sign-in in the public cloud",
    server: pending,
    steps: [credential(), getToken([ARM])],
  },
  {
    name: "a sign-in in China",
    server: pending,
    steps: [credential({ authority: CHINA, tenantId: TENANT }), getToken([VAULT])],
  },
  {
    name: "a sign-in in the Government cloud",
    server: pending,
    steps: [
      credential({ authority: GOVERNMENT, tenantId: "contoso.onmicrosoft.us" }),
      getToken([VAULT]),
    ],
  },
  {
    name: "a sign-in on each other well-known host",
    steps: OTHER_HOSTS.flatMap((authority) => [credential({ authority }), getToken([GRAPH])]),
  },
  {
    name: "an authority given as a URL, in capitals",
    steps: [credential({ authority: "https://LOGIN.MicrosoftOnline.com/" }), getToken([GRAPH])],
  },
  {
    name: "the application of nobody in particular",
    steps: [{ credential: {} }, getToken([GRAPH])],
  },
  {
    name: "an unknown host that instance discovery knows",
    server: { knownHosts: [CONTOSO], ...pending },
    steps: [credential({ authority: CONTOSO }), getToken([VAULT])],
  },
  {
    name: "an unknown host, without instance discovery",
    steps: [
      credential({ authority: CONTOSO, tenantId: TENANT, disableInstanceDiscovery: true }),
      getToken([VAULT]),
      getToken([VAULT]),
    ],
  },
  {
    name: "a well-known host, without instance discovery",
    steps: [credential({ disableInstanceDiscovery: true }), getToken([VAULT])],
  },
  {
    name: "an unknown host that instance discovery does not know",
    steps: [credential({ authority: CONTOSO }), getToken([VAULT])],
  },
  {
    name: "a host with a port",
    steps: [
      credential({ authority: `https://${CONTOSO}:8443`, disableInstanceDiscovery: true }),
      getToken([VAULT]),
    ],
  },
  {
    name: "a host with a port, with instance discovery",
    server: { knownHosts: [CONTOSO] },
    steps: [credential({ authority: `https://${CONTOSO}:8443` }), getToken([VAULT])],
  },
  {
    name: "ADFS",
    steps: [
      credential({ authority: "adfs.contoso.test", tenantId: "adfs" }),
      getToken([VAULT]),
      getToken([GRAPH]),
    ],
  },
  {
    name: "an Azure AD B2C host",
    steps: [
      credential({ authority: "contoso.b2clogin.com", tenantId: "contoso.onmicrosoft.com" }),
      getToken([VAULT]),
    ],
  },
  {
    name: "an Azure AD B2C host with a policy",
    steps: [
      credential({
        authority: "contoso.b2clogin.com/contoso.onmicrosoft.com",
        tenantId: "sign-in",
      }),
      getToken([VAULT]),
      getToken([GRAPH]),
    ],
  },
  {
    name: "an External ID host",
    steps: [
      credential({ authority: "contoso.ciamlogin.com", tenantId: TENANT }),
      getToken([VAULT]),
    ],
  },
  {
    name: "the environment names the authority",
    serial: true,
    steps: [
      { environment: { AZURE_AUTHORITY_HOST: GOVERNMENT } },
      credential(),
      getToken([VAULT]),
      { environment: { AZURE_AUTHORITY_HOST: null } },
    ],
  },
  {
    name: "a server without a device authorization endpoint",
    server: { replies: { openid: [{ omit: ["device_authorization_endpoint"] }] } },
    steps: [credential({ authority: CONTOSO, disableInstanceDiscovery: true }), getToken([VAULT])],
  },
  {
    name: "a server whose endpoints are elsewhere",
    server: {
      replies: {
        openid: [
          {
            set: {
              device_authorization_endpoint: "https://device.contoso.test/t/oauth2/v2.0/devicecode",
              token_endpoint: `https://token.contoso.test/${TENANT}/oauth2/v2.0/token`,
            },
          },
        ],
      },
    },
    steps: [
      credential({ authority: CONTOSO, disableInstanceDiscovery: true }),
      getToken([VAULT]),
      getToken([GRAPH]),
    ],
  },
  {
    name: "discovery that fails once, then always",
    server: { replies: { openid: [{ status: 503 }, { status: 404 }] } },
    steps: [
      credential({ authority: CONTOSO, disableInstanceDiscovery: true }),
      getToken([VAULT]),
      getToken([VAULT]),
    ],
  },
  {
    name: "discovery without an end of failures",
    server: { replies: { openid: [{ status: 502, repeat: "forever" }] } },
    steps: [credential({ authority: CONTOSO, disableInstanceDiscovery: true }), getToken([VAULT])],
  },
  {
    name: "a tenant that does not exist",
    server: { replies: { openid: [{ error: 90002 }], devicecode: [{ error: 90002 }] } },
    steps: [credential({ tenantId: TENANT }), getToken([VAULT])],
    differs: {
      "no tenant discovery": [
        `1 devicecode POST ${PUBLIC}/${TENANT}/oauth2/v2.0/devicecode: not sent → sent`,
      ],
    },
  },
  {
    name: "a tenant named by its domain",
    server: {
      replies: {
        openid: [{ set: { token_endpoint: `https://${PUBLIC}/${TENANT}/oauth2/v2.0/token` } }],
      },
    },
    steps: [credential({ tenantId: "contoso.com" }), getToken([VAULT])],
    differs: {
      "no tenant discovery": [
        `1 token POST ${PUBLIC}/${TENANT}/oauth2/v2.0/token: sent → not sent`,
        `1 token POST ${PUBLIC}/contoso.com/oauth2/v2.0/token: not sent → sent`,
      ],
    },
  },
];
