/** Arguments that are refused before anything is sent, and some that are not. */

import {
  credential,
  GRAPH,
  getToken,
  PUBLIC,
  promptsOursAlone,
  promptsPythonAlone,
  TENANT,
  VAULT,
} from "./values.js";

const TENANTS = ["my tenant", "my_tenant", "/", "\\", '"my-tenant"', "'my-tenant'"];

export default [
  { name: "no scopes", steps: [credential(), getToken([])] },
  {
    name: "an empty scope",
    steps: [credential(), getToken([""])],
    differs: { "empty scopes": [...promptsPythonAlone(1), "1 kind: token → ArgumentError"] },
  },
  {
    name: "tenants that cannot be",
    steps: TENANTS.map((tenantId) => credential({ tenantId })),
  },
  {
    name: "tenants that can be",
    steps: [TENANT, "contoso.onmicrosoft.com", "organizations", "common"].map((tenantId) =>
      credential({ tenantId }),
    ),
  },
  {
    name: "an empty tenant is the default",
    steps: [credential({ tenantId: "" }), getToken([GRAPH])],
  },
  { name: "an authority over http", steps: [credential({ authority: `http://${PUBLIC}` })] },
  {
    name: "a host with a port and no scheme",
    differs: { "a host and a port": ["0 kind: ArgumentError → done"] },
    steps: [credential({ authority: `${PUBLIC}:443` })],
  },
  { name: "an authority of another scheme", steps: [credential({ authority: `ftp://${PUBLIC}` })] },
  {
    name: "an empty authority is the default",
    steps: [credential({ authority: "" }), getToken([GRAPH])],
  },
  {
    name: "reserved scopes",
    steps: [credential(), getToken([GRAPH, "offline_access"]), getToken([GRAPH])],
    differs: {
      "reserved scopes": [
        ...promptsOursAlone(1),
        "1 kind: ClientAuthenticationError → token",
        ...promptsPythonAlone(2),
      ],
    },
  },
  { name: "closed twice", steps: [credential(), { close: true }, { close: true }] },
  {
    name: "support logging",
    steps: [credential({ enableSupportLogging: true }), getToken([VAULT])],
  },
];
