/** A cache that is there already, and what becomes of it. */

import {
  accessToken,
  account,
  appMetadata,
  given,
  known,
  record,
  refreshToken,
  seed,
  server,
  sister,
  strict,
} from "./seed.js";
import {
  authenticate,
  CONTOSO,
  credential,
  GRAPH,
  getToken,
  HOME,
  OTHER_TENANT,
  PUBLIC,
  RECORD,
  TENANT,
  VAULT,
} from "./values.js";

export default [
  given(
    "a cached token",
    [account(), accessToken(VAULT), refreshToken("rt"), appMetadata()],
    [strict, getToken([VAULT])],
  ),
  given(
    "a cached refresh token",
    [account(), accessToken(VAULT), refreshToken("rt"), appMetadata()],
    [strict, getToken([GRAPH]), getToken([GRAPH])],
  ),
  given(
    "a cached token and no account",
    [accessToken(VAULT), refreshToken("rt"), appMetadata()],
    [strict, getToken([VAULT])],
  ),
  given("a cached account and no tokens", [account(), appMetadata()], [strict, getToken([VAULT])]),
  given(
    "a cached token in its last five minutes",
    [account(), accessToken(VAULT, { more: { expires_on: "@290" } }), refreshToken("rt")],
    [strict, getToken([VAULT])],
  ),
  given(
    "a cached token that has expired",
    [
      account(),
      accessToken(VAULT, { more: { expires_on: "@-10" } }),
      accessToken("api://another/scope", { more: { expires_on: "@-10" } }),
      refreshToken("rt"),
    ],
    [strict, getToken([VAULT])],
  ),
  given(
    "a cached token past refresh_on",
    [account(), accessToken(VAULT, { more: { refresh_on: "@-10" } }), refreshToken("rt")],
    [strict, getToken([VAULT])],
  ),
  given(
    "a cached token before refresh_on",
    [account(), accessToken(VAULT, { more: { refresh_on: "@1000" } }), refreshToken("rt")],
    [strict, getToken([VAULT])],
  ),
  given(
    "a cached token past refresh_on, and a refusal",
    [account(), accessToken(VAULT, { more: { refresh_on: "@-10" } }), refreshToken("rt")],
    [strict, getToken([VAULT])],
    { server: { ...server, replies: { refresh: [{ error: 50173 }] } } },
  ),
  given(
    "a cached token past refresh_on, and nothing to refresh it with",
    [account(), accessToken(VAULT, { more: { refresh_on: "@-10" } })],
    [strict, getToken([VAULT])],
  ),
  given(
    "a cached token of another application",
    [account(), accessToken(VAULT, sister)],
    [strict, getToken([VAULT])],
  ),
  given(
    "a cached token of another tenant",
    [account(), accessToken(VAULT, { realm: TENANT }), refreshToken("rt")],
    [strict, getToken([VAULT])],
  ),
  given(
    "cached tokens of two tenants",
    [
      account(),
      accessToken(VAULT),
      accessToken(VAULT, { realm: OTHER_TENANT }),
      refreshToken("rt"),
    ],
    [strict, getToken([VAULT], { tenantId: OTHER_TENANT }), getToken([VAULT])],
  ),
  given(
    "a cached token of the tenant's id, the tenant named by its domain",
    [account({ realm: TENANT }), accessToken(VAULT, { realm: TENANT }), refreshToken("rt")],
    [
      credential({
        authenticationRecord: { ...record, tenantId: "contoso.com" },
        disableAutomaticAuthentication: true,
      }),
      getToken([VAULT]),
    ],
    {
      // What differs in the rows differs by the clock too.
      anyRows: true,
      differs: {
        "no tenant discovery": [
          `1 refresh POST ${PUBLIC}/contoso.com/oauth2/v2.0/token: not sent → sent`,
          `1 token: at-${VAULT}-${PUBLIC}-${TENANT} → access token 1`,
        ],
      },
      server: {
        ...server,
        // As long as the cached one, so that the two are told apart by nothing but themselves.
        tokenExpiresIn: 3500,
        replies: {
          openid: [{ set: { token_endpoint: `https://${PUBLIC}/${TENANT}/oauth2/v2.0/token` } }],
        },
      },
    },
  ),
  given(
    "a cached token with more scopes",
    [account(), accessToken("api://a/admin api://a/read api://a/write")],
    [strict, getToken(["api://a/write", "api://a/read"])],
  ),
  given(
    "a cached account of another user",
    [account({ home: "someone.else" }), refreshToken("rt", { home: "someone.else" })],
    [strict, getToken([VAULT])],
  ),
  given(
    "two accounts with one name",
    [
      account({ home: "someone.else" }),
      account(),
      refreshToken("rt", { home: "someone.else" }),
      refreshToken("rt-2"),
    ],
    [strict, getToken([VAULT])],
  ),
  given(
    "an account whose name is written otherwise",
    [account({ more: { username: "ADA@Contoso.com" } }), accessToken(VAULT), refreshToken("rt")],
    [strict, getToken([VAULT])],
  ),
  given(
    "an account whose name has changed",
    [
      account({ more: { username: "lovelace@contoso.com" } }),
      accessToken(VAULT),
      refreshToken("rt"),
    ],
    [strict, getToken([VAULT])],
  ),
  given(
    "an account of another kind",
    [account({ more: { authority_type: "Other" } }), accessToken(VAULT)],
    [strict, getToken([VAULT])],
  ),
  given(
    "two refresh tokens, the newer one first",
    [
      account(),
      appMetadata(),
      refreshToken("rt", { target: "a", more: { last_modification_time: "@-900" } }),
      refreshToken("rt-2", { target: "b", more: { last_modification_time: "@-50" } }),
      refreshToken("rt-3", { target: "c", more: { last_modification_time: undefined } }),
    ],
    [strict, getToken([VAULT])],
    { server: { ...server, replies: { refresh: [{ error: 50173 }, { error: 70000 }] } } },
  ),
  given(
    "rows and fields of others",
    [
      account({ more: { x_field: "kept", client_info: "kept" } }),
      accessToken(VAULT, { ...sister, more: { expires_on: "@9000", x_field: [1] } }),
      refreshToken("rt", { more: { x_field: { a: null } } }),
      { Other: { key: { any: "thing" } } },
    ],
    [known, getToken([GRAPH])],
  ),
  {
    name: "what a sign-in leaves",
    cache: true,
    server: { foci: true, refreshIn: 1800 },
    steps: [credential(), authenticate([VAULT])],
  },
  {
    name: "what a sign-in to a tenant and a refresh leave",
    cache: true,
    steps: [credential({ tenantId: TENANT }), getToken([VAULT]), getToken([GRAPH])],
  },
  {
    name: "what a sign-in at an unknown host with a port leaves",
    cache: true,
    steps: [
      credential({
        authority: `https://${CONTOSO}:8443`,
        tenantId: TENANT,
        disableInstanceDiscovery: true,
      }),
      getToken([VAULT]),
    ],
  },
  {
    name: "what a sign-in with ADFS leaves",
    cache: true,
    server: { replies: { token: [{ omit: ["client_info"] }] } },
    steps: [
      credential({ authority: "adfs.contoso.test", tenantId: "adfs" }),
      getToken([VAULT]),
      getToken([VAULT]),
    ],
  },
  {
    name: "what a reply without a scope leaves",
    differs: {
      "a token is for what was asked": [
        "2 cache AccessToken 0b6c4a3e-52d1-4f7b-9a10-6d2e8f1c3b57.e1f2a3b4-c5d6-4e7f-8091-a2b3c4d5e6f7-login.microsoftonline.com-accesstoken-6f2c9d1e-0f0a-4c55-9d0e-3b8a7c1f2e44-organizations-: there → not there",
        "2 cache AccessToken 0b6c4a3e-52d1-4f7b-9a10-6d2e8f1c3b57.e1f2a3b4-c5d6-4e7f-8091-a2b3c4d5e6f7-login.microsoftonline.com-accesstoken-6f2c9d1e-0f0a-4c55-9d0e-3b8a7c1f2e44-organizations-https://vault.azure.net/.default offline_access openid profile: not there → there",
        "2 cache RefreshToken 0b6c4a3e-52d1-4f7b-9a10-6d2e8f1c3b57.e1f2a3b4-c5d6-4e7f-8091-a2b3c4d5e6f7-login.microsoftonline.com-refreshtoken-6f2c9d1e-0f0a-4c55-9d0e-3b8a7c1f2e44--: there → not there",
        "2 cache RefreshToken 0b6c4a3e-52d1-4f7b-9a10-6d2e8f1c3b57.e1f2a3b4-c5d6-4e7f-8091-a2b3c4d5e6f7-login.microsoftonline.com-refreshtoken-6f2c9d1e-0f0a-4c55-9d0e-3b8a7c1f2e44--https://vault.azure.net/.default offline_access openid profile: not there → there",
      ],
    },
    cache: true,
    server: { replies: { token: [{ omit: ["scope"] }] } },
    steps: [credential(), getToken([VAULT])],
  },
  {
    name: "what a refused refresh leaves",
    cache: true,
    seed: seed(account(), accessToken(VAULT), refreshToken("rt"), appMetadata()),
    steps: [strict, getToken([GRAPH])],
  },
  {
    name: "a record and the cache it was made with",
    cache: true,
    steps: [
      credential({ tenantId: TENANT }),
      authenticate([VAULT]),
      credential({ authenticationRecord: "last", disableAutomaticAuthentication: true }),
      getToken([VAULT]),
      getToken([GRAPH]),
      { server: { replies: { refresh: [{ error: 50173 }] } } },
      getToken(["api://another/scope"]),
    ],
  },
  {
    name: "two users in one cache",
    cache: true,
    steps: [
      credential(),
      authenticate([VAULT]),
      { server: { user: { oid: "8e7d6c5b-4a39-4281-9706-f5e4d3c2b1a0", username: "b@b.test" } } },
      credential(),
      authenticate([VAULT]),
      credential({
        authenticationRecord: { ...RECORD, homeAccountId: HOME },
        tenantId: "organizations",
      }),
      getToken([VAULT]),
    ],
  },
  {
    name: "rows of another host serve nobody",
    cache: true,
    seed: seed(
      account({ environment: CONTOSO }),
      accessToken(VAULT, { environment: CONTOSO }),
      refreshToken("rt", { environment: CONTOSO }),
    ),
    steps: [credential(), getToken([VAULT])],
  },
];
