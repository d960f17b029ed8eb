/** A tenant for one call: allowed, ignored or refused. */

import {
  authenticate,
  credential,
  GRAPH,
  getToken,
  OTHER_TENANT,
  PUBLIC,
  TENANT,
  VAULT,
} from "./values.js";

const elsewhere = (scopes) => getToken(scopes, { tenantId: OTHER_TENANT });
const MULTITENANT = "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH";

export default [
  {
    name: "organizations allows any tenant",
    steps: [credential(), elsewhere([VAULT]), elsewhere([VAULT]), getToken([VAULT])],
  },
  {
    name: "a tenant on the list",
    steps: [
      credential({ tenantId: TENANT, additionallyAllowedTenants: ["x", OTHER_TENANT] }),
      elsewhere([VAULT]),
    ],
  },
  {
    name: "a list that allows all",
    steps: [
      credential({ tenantId: TENANT, additionallyAllowedTenants: ["*"] }),
      getToken([VAULT]),
      elsewhere([VAULT]),
      getToken([VAULT], { tenantId: TENANT }),
      getToken([VAULT]),
    ],
  },
  {
    name: "a tenant that is not allowed",
    steps: [credential({ tenantId: TENANT }), elsewhere([VAULT]), getToken([VAULT])],
  },
  {
    name: "organizations with a list allows only the list",
    steps: [credential({ additionallyAllowedTenants: [TENANT] }), elsewhere([VAULT])],
  },
  {
    name: "common without a list allows no other tenant",
    steps: [credential({ tenantId: "common" }), elsewhere([VAULT])],
  },
  {
    name: "the tenant that it has anyway",
    steps: [credential({ tenantId: TENANT }), getToken([VAULT], { tenantId: TENANT })],
  },
  {
    name: "ADFS has one tenant",
    steps: [credential({ authority: "adfs.contoso.test", tenantId: "adfs" }), elsewhere([VAULT])],
  },
  {
    name: "the environment turns other tenants off",
    serial: true,
    steps: [
      { environment: { [MULTITENANT]: "true" } },
      credential({ tenantId: TENANT }),
      elsewhere([VAULT]),
      { environment: { [MULTITENANT]: null } },
    ],
  },
  {
    name: "a refresh token serves the other tenant",
    steps: [credential(), getToken([VAULT]), elsewhere([GRAPH]), elsewhere([GRAPH])],
  },
  {
    name: "authenticate in another tenant",
    steps: [
      credential(),
      authenticate([VAULT], { tenantId: OTHER_TENANT }),
      elsewhere([VAULT]),
      getToken([VAULT]),
    ],
  },
  {
    name: "authenticate in a tenant that is not allowed",
    steps: [credential({ tenantId: TENANT }), authenticate([VAULT], { tenantId: OTHER_TENANT })],
  },
  {
    name: "a tenant for one call with characters that no tenant has",
    steps: [credential(), getToken([VAULT], { tenantId: "tenant_id" })],
    differs: {
      "tenant of a call": [
        `1 devicecode POST ${PUBLIC}/tenant_id/oauth2/v2.0/devicecode: sent → not sent`,
        `1 token POST ${PUBLIC}/tenant_id/oauth2/v2.0/token: sent → not sent`,
        "1 kind: token → ArgumentError",
        "1 prompts: 1 → 0",
      ],
    },
  },
];
