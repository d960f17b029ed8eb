/** Refresh tokens that a family of applications shares, and rows that another host of the cloud has. */

import {
  accessToken,
  account,
  appMetadata,
  family,
  given,
  record,
  refreshToken,
  server,
  sister,
  strict,
} from "./seed.js";
import { CONTOSO, credential, GRAPH, getToken, VAULT } from "./values.js";

export default [
  given(
    "a family's refresh token, on trial",
    [account(), refreshToken("rt", { ...sister, ...family })],
    [strict, getToken([VAULT]), getToken([GRAPH])],
    { server: { ...server, foci: true } },
  ),
  given(
    "a family's refresh token, on trial, before one's own",
    [account(), refreshToken("rt", { ...sister, ...family }), refreshToken("rt-2")],
    [strict, getToken([VAULT])],
    { server: { ...server, replies: { refresh: [{ error: 70000 }] } } },
  ),
  given(
    "a family that the application is not of",
    [
      account(),
      refreshToken("rt", {
        ...sister,
        ...family,
        more: { family_id: "1", last_modification_time: "@-5" },
      }),
      refreshToken("rt-3", { client: "c", ...family }),
      refreshToken("rt-2"),
    ],
    [strict, getToken([VAULT])],
    {
      server: {
        ...server,
        replies: {
          refresh: [{ error: 70000, set: { error_additional_info: ["client_mismatch"] } }],
        },
      },
    },
  ),
  given(
    "a family that the application is not of, as a suberror says",
    [
      account(),
      refreshToken("rt", { ...sister, more: { family_id: "1", last_modification_time: "@-5" } }),
      refreshToken("rt-3", { client: "c", ...family }),
      refreshToken("rt-2"),
    ],
    [strict, getToken([VAULT])],
    {
      server: {
        ...server,
        replies: { refresh: [{ error: 70000, set: { suberror: "client_mismatch" } }] },
      },
    },
  ),
  given(
    "a family's refresh token for one of the family",
    [
      account(),
      appMetadata({ family: "1" }),
      refreshToken("rt", { ...sister, ...family }),
      refreshToken("rt-2"),
    ],
    [strict, getToken([VAULT])],
    { server: { ...server, foci: true } },
  ),
  given(
    "a family's refresh token that is refused, for one of the family",
    [account(), appMetadata({ family: "1" }), refreshToken("rt", { ...sister, ...family })],
    [strict, getToken([VAULT])],
    { server: { ...server, replies: { refresh: [{ error: 50173 }] } } },
  ),
  given(
    "a family's refresh token for one that is known to be of none",
    [account(), appMetadata(), refreshToken("rt", { ...sister, ...family })],
    [strict, getToken([VAULT])],
  ),
  given(
    "rows of an alias",
    [
      account({ environment: "login.windows.net" }),
      accessToken(VAULT, { environment: "login.windows.net" }),
      refreshToken("rt", { environment: "login.windows.net" }),
    ],
    [strict, getToken([VAULT]), getToken([GRAPH]), getToken([GRAPH])],
  ),
  given(
    "a token of an alias, without its refresh token",
    [
      account({ environment: "login.windows.net" }),
      accessToken(VAULT, { environment: "login.windows.net" }),
    ],
    [strict, getToken([VAULT])],
  ),
  given(
    "an account here, a refresh token at an alias",
    [account(), refreshToken("rt", { environment: "sts.windows.net" })],
    [strict, getToken([VAULT])],
  ),
  given(
    "a refusal here, then a refresh token at an alias",
    [account(), refreshToken("rt"), refreshToken("rt-2", { environment: "login.windows.net" })],
    [strict, getToken([VAULT])],
    { server: { ...server, replies: { refresh: [{ error: 50173 }] } } },
  ),
  given(
    "rows of an alias of an unknown host",
    [
      account({ environment: "login.windows.net" }),
      refreshToken("rt", { environment: "login.windows.net" }),
    ],
    [
      credential({
        authenticationRecord: { ...record, authority: CONTOSO },
        disableAutomaticAuthentication: true,
      }),
      getToken([VAULT]),
    ],
    { server: { ...server, knownHosts: [CONTOSO] } },
  ),
  given(
    "rows of an alias, without instance discovery",
    [
      account({ environment: "login.windows.net" }),
      refreshToken("rt", { environment: "login.windows.net" }),
    ],
    [
      credential({
        authenticationRecord: record,
        disableAutomaticAuthentication: true,
        disableInstanceDiscovery: true,
      }),
      getToken([VAULT]),
    ],
  ),
];
