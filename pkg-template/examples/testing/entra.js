// A sign-in service for tests: a `fetch` that answers as Microsoft Entra does to a user who takes a while.
const encode = (claims) => Buffer.from(JSON.stringify(claims)).toString("base64url");

function idTokenFor(clientId) {
  const claims = {
    aud: clientId,
    iss: "https://login.microsoftonline.com/contoso/v2.0",
    tid: "contoso",
    sub: "ada",
    preferred_username: "ada@contoso.com",
  };
  return `${encode({ alg: "none" })}.${encode(claims)}.`;
}

export function createEntra({ polls = 2 } = {}) {
  let polled = 0;
  return async (url, { body }) => {
    if (url.endsWith("/devicecode")) {
      return Response.json({
        device_code: "a device code",
        user_code: "ABCD1234",
        verification_uri: "https://microsoft.com/devicelogin",
        message: "Open https://microsoft.com/devicelogin and enter ABCD1234.",
        expires_in: 900,
        interval: 5,
      });
    }
    polled += 1;
    if (polled < polls) return Response.json({ error: "authorization_pending" }, { status: 400 });
    return Response.json({
      access_token: "a token",
      refresh_token: "a refresh token",
      id_token: idTokenFor(new URLSearchParams(body).get("client_id")),
      token_type: "Bearer",
      expires_in: 3600,
    });
  };
}
