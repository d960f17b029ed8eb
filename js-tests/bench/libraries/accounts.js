// Accounts that have signed in, and their caches as MSAL writes them: tokens of the sizes Entra's have.

export const CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
export const HOST = "login.microsoftonline.com";
export const TENANT = "11111111-2222-3333-4444-555555555555";
export const GRAPH = "https://graph.microsoft.com/.default";
export const VAULT = "https://vault.azure.net/.default";

export function idOf(number) {
  return `${objectIdOf(number)}.${TENANT}`;
}

/** What `authenticate` would have returned. */
export function recordOf(number) {
  return {
    authority: HOST,
    clientId: CLIENT,
    homeAccountId: idOf(number),
    tenantId: TENANT,
    username: usernameOf(number),
  };
}

/** As incompressible as a token. */
export function secretOf(number, length) {
  let text = "eyJ";
  for (let at = number + 1; text.length < length; at = (at * 48271) % 2147483647) {
    text += at.toString(36);
  }
  return text.slice(0, length);
}

/** What the token endpoint says of an account besides its tokens. */
export function identityOf(number) {
  const claims = {
    aud: CLIENT,
    iss: `https://${HOST}/${TENANT}/v2.0`,
    name: `User ${number}`,
    oid: objectIdOf(number),
    preferred_username: usernameOf(number),
    sub: secretOf(number, 43),
    tid: TENANT,
    ver: "2.0",
  };
  const header = { typ: "JWT", alg: "RS256", kid: "4DqEXOeBcqHvVZhLkT1r4W8lDWE" };
  return {
    id_token: `${encode(header)}.${encode(claims)}.${secretOf(number, 342)}`,
    client_info: encode({ uid: objectIdOf(number), utid: TENANT }),
  };
}

/** The cache of one account after a sign-in; with so many more tokens, if that is said. */
export function cacheOf(number, tokens = 0) {
  const id = idOf(number);
  const account = { home_account_id: id, environment: HOST };
  const client = { ...account, client_id: CLIENT };
  const now = Math.floor(Date.now() / 1000);
  const accessToken = (target, at) => [
    `${id}-${HOST}-accesstoken-${CLIENT}-${TENANT}-${target}`,
    {
      credential_type: "AccessToken",
      secret: secretOf(at, 1600),
      ...client,
      target,
      realm: TENANT,
      token_type: "Bearer",
      cached_at: `${now}`,
      expires_on: `${now + 86400}`,
      extended_expires_on: `${now + 86400}`,
    },
  ];
  const more = Array.from({ length: tokens }, (_, at) => accessToken(`api://${at}/.default`, at));
  const rt = `${id}-${HOST}-refreshtoken-${CLIENT}--${GRAPH}`;
  const idToken = `${id}-${HOST}-idtoken-${CLIENT}-${TENANT}-`;
  return {
    AccessToken: Object.fromEntries([accessToken(GRAPH, number), ...more]),
    RefreshToken: {
      [rt]: {
        credential_type: "RefreshToken",
        secret: secretOf(number, 1300),
        ...client,
        target: GRAPH,
        last_modification_time: `${now}`,
      },
    },
    IdToken: {
      [idToken]: {
        credential_type: "IdToken",
        secret: identityOf(number).id_token,
        ...client,
        realm: TENANT,
      },
    },
    Account: {
      [`${id}-${HOST}-${TENANT}`]: {
        ...account,
        realm: TENANT,
        local_account_id: objectIdOf(number),
        username: usernameOf(number),
        authority_type: "MSSTS",
      },
    },
    AppMetadata: {
      [`appmetadata-${HOST}-${CLIENT}`]: { client_id: CLIENT, environment: HOST },
    },
  };
}

/** One cache of so many accounts. */
export function cacheOfAll(accounts) {
  const cache = {};
  for (let number = 0; number < accounts; number++) {
    for (const [table, rows] of Object.entries(cacheOf(number))) {
      cache[table] = Object.assign(cache[table] ?? {}, rows);
    }
  }
  return cache;
}

function objectIdOf(number) {
  return `00000000-0000-0000-0000-${number.toString(16).padStart(12, "0")}`;
}

function usernameOf(number) {
  return `user${number}@contoso.com`;
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
