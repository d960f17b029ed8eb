/** Entra within the program: nothing but the store is to be slow, or to fail. */

export const CLIENT_ID = "11111111-2222-3333-4444-555555555555";
const TENANT = "00000000-0000-0000-0000-0000000000aa";

/** Who signed in once. */
export const recordOf = (who) => ({
  authority: "login.microsoftonline.com",
  clientId: CLIENT_ID,
  homeAccountId: `${who}.${TENANT}`,
  tenantId: TENANT,
  username: `${who}@contoso.com`,
});

/**
 * Signs one person in, as soon as that person approves.
 *
 * @param {string} who
 * @param {Promise<unknown>} approved
 */
export function createEntra(who, approved) {
  /** What was asked for since somebody last looked. */
  let asked = [];
  let isApproved = false;
  /** What the latest code is for. */
  let scope = "";
  approved.then(() => {
    isApproved = true;
  });

  async function reply(url, form) {
    if (url.endsWith("/devicecode")) {
      asked.push("device code");
      scope = form.get("scope") ?? "";
      return [200, deviceCode()];
    }
    if (form.get("grant_type") === "refresh_token") {
      asked.push("refresh");
      const isTheirs = form.get("refresh_token")?.startsWith(`refresh token of ${who}: `);
      return isTheirs
        ? [200, tokens(who, form.get("scope") ?? "")]
        : [400, { error: "invalid_grant" }];
    }
    if (!isApproved) return [400, { error: "authorization_pending" }];
    asked.push("token");
    return [200, tokens(who, scope)];
  }

  return {
    async fetch(url, { body }) {
      const [status, json] = await reply(url, new URLSearchParams(body));
      return Response.json(json, { status });
    },
    takeAsked() {
      const all = asked;
      asked = [];
      return all;
    },
  };
}

function deviceCode() {
  return {
    device_code: "DAQABIQEAAADnfolhJpSnRYB1SVj",
    user_code: "USERCODE",
    verification_uri: "https://microsoft.com/devicelogin",
    message: "enter USERCODE",
    expires_in: 60,
    interval: 1,
  };
}

function tokens(who, scope) {
  const reserved = ["openid", "profile", "offline_access"];
  return {
    token_type: "Bearer",
    access_token: `access token of ${who}: ${crypto.randomUUID()}`,
    // As long as real ones are.
    refresh_token: `refresh token of ${who}: ${crypto.randomUUID().repeat(30)}`,
    expires_in: 3600,
    scope: scope
      .split(" ")
      .filter((each) => !reserved.includes(each))
      .join(" "),
    client_info: base64url({ uid: who, utid: TENANT }),
    id_token: `${base64url({ alg: "none" })}.${base64url({
      oid: who,
      tid: TENANT,
      preferred_username: `${who}@contoso.com`,
    })}.`,
  };
}

function base64url(value) {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
