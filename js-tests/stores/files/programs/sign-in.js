/**
 * Gets a token, and prints what came of it. Its one argument, in JSON, are the options `getToken` and
 * `cachePersistenceOptions`; an encryption key comes in base64.
 */

import { DeviceCodeCredential } from "entra-device-code";

const USER = {
  uid: "00000000-0000-0000-0000-00000000000a",
  utid: "00000000-0000-0000-0000-0000000000aa",
};
const CODE = {
  device_code: "DAQABIQEAAADnfolhJpSnRYB1SVj",
  user_code: "USERCODE",
  verification_uri: "https://microsoft.com/devicelogin",
  message: "enter USERCODE",
  expires_in: 60,
  interval: 1,
};

const { getToken = {}, cachePersistenceOptions } = JSON.parse(process.argv[2]);
const { encryptionKey } = cachePersistenceOptions;
if (encryptionKey) {
  cachePersistenceOptions.encryptionKey = new Uint8Array(Buffer.from(encryptionKey, "base64"));
}
const outcome = { requests: 0, prompts: 0, log: [] };
try {
  const credential = new DeviceCodeCredential({
    authenticationRecord: {
      authority: "login.microsoftonline.com",
      clientId: "11111111-2222-3333-4444-555555555555",
      homeAccountId: `${USER.uid}.${USER.utid}`,
      tenantId: USER.utid,
      username: "user@contoso.com",
    },
    cachePersistenceOptions,
    fetch: entra,
    promptCallback: () => void outcome.prompts++,
    logger: (level, line) => void outcome.log.push(`${level}: ${line}`),
  });
  outcome.token = (await credential.getToken("User.Read", getToken)).token;
} catch ({ name, message }) {
  outcome.error = `${name}: ${message}`;
}
console.log(JSON.stringify(outcome));

/** Signs anybody in at the first poll. */
async function entra(url) {
  outcome.requests += 1;
  if (url.endsWith("/devicecode")) return Response.json(CODE);
  const claims = { oid: USER.uid, tid: USER.utid, preferred_username: "user@contoso.com" };
  return Response.json({
    token_type: "Bearer",
    access_token: `token ${crypto.randomUUID()}`,
    refresh_token: "a refresh token",
    expires_in: 3600,
    scope: "User.Read",
    client_info: base64url(USER),
    id_token: `${base64url({ alg: "none" })}.${base64url(claims)}.`,
  });
}

function base64url(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
