/** The authentication record: as an option, and as text. */

import {
  authenticate,
  CONTOSO,
  credential,
  GRAPH,
  getToken,
  OTHER_TENANT,
  RECORD,
  TENANT,
  VAULT,
} from "./values.js";

const given = (options) => credential({ authenticationRecord: RECORD, ...options });
const text = JSON.stringify(RECORD);
const without = (name) => JSON.stringify({ ...RECORD, [name]: undefined });

export default [
  {
    name: "a record and nothing cached, without automatic authentication",
    steps: [given({ disableAutomaticAuthentication: true }), getToken([VAULT])],
  },
  {
    name: "a record and nothing cached",
    steps: [given(), getToken([VAULT]), getToken([VAULT]), getToken([GRAPH])],
  },
  {
    name: "a tenant prevails over the record's",
    steps: [given({ tenantId: TENANT }), getToken([VAULT])],
  },
  {
    name: "the record's application prevails",
    differs: {
      "a record of another application": [
        "1 devicecode POST login.microsoftonline.com/e1f2a3b4-c5d6-4e7f-8091-a2b3c4d5e6f7/oauth2/v2.0/devicecode: sent → not sent",
        "1 token POST login.microsoftonline.com/e1f2a3b4-c5d6-4e7f-8091-a2b3c4d5e6f7/oauth2/v2.0/token: sent → not sent",
        "0 kind: done → ArgumentError",
        "1 kind: token → no credential",
        "1 prompts: 1 → 0",
      ],
    },
    steps: [given({ clientId: "another" }), getToken([VAULT])],
  },
  {
    name: "a record and a tenant for one call",
    steps: [given(), getToken([VAULT], { tenantId: OTHER_TENANT })],
  },
  {
    name: "a record and an authority",
    differs: {
      "a record and an authority": [
        "1 devicecode POST login.windows.net/e1f2a3b4-c5d6-4e7f-8091-a2b3c4d5e6f7/oauth2/v2.0/devicecode: not sent → sent",
        "1 token POST login.windows.net/e1f2a3b4-c5d6-4e7f-8091-a2b3c4d5e6f7/oauth2/v2.0/token: not sent → sent",
        "0 kind: ArgumentError → done",
        "1 kind: no credential → token",
        "1 prompts: 0 → 1",
      ],
    },
    steps: [given({ authority: "login.windows.net" }), getToken([VAULT])],
  },
  {
    name: "a record of an unknown host",
    server: { knownHosts: [CONTOSO] },
    steps: [
      credential({ authenticationRecord: { ...RECORD, authority: CONTOSO } }),
      getToken([VAULT]),
    ],
  },
  {
    name: "a record of one credential given to the next, which shares no cache",
    steps: [
      credential(),
      authenticate([VAULT]),
      credential({ authenticationRecord: "last" }),
      getToken([VAULT]),
    ],
  },
  {
    name: "another user signs in than the record's",
    server: { user: { oid: "8e7d6c5b-4a39-4281-9706-f5e4d3c2b1a0", username: "b@b.test" } },
    steps: [given(), getToken([VAULT]), getToken([VAULT]), getToken([GRAPH])],
  },
  { name: "a record read back", steps: [{ deserialize: text }] },
  {
    name: "a record of another version",
    steps: [{ deserialize: text.replace('"1.0"', '"2.0"') }],
  },
  { name: "a record without a version", steps: [{ deserialize: without("version") }] },
  {
    name: "a record without a tenant",
    steps: [{ deserialize: without("tenantId") }],
    differs: { "no slips": ["0 kind: KeyError → ArgumentError"] },
  },
  { name: "a record that is no JSON", steps: [{ deserialize: "{" }] },
  {
    name: "a record that is a list",
    steps: [{ deserialize: "[]" }],
    differs: { "no slips": ["0 kind: AttributeError → ArgumentError"] },
  },
];
