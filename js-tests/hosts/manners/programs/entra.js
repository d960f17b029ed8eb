// A `fetch` that is an Entra: signs anybody in at the second poll.

const WHO = btoa(JSON.stringify({ uid: "ada", utid: "contoso" }));
const TOKENS = {
  token_type: "Bearer",
  access_token: "a token",
  expires_in: 3600,
  client_info: WHO,
};
const CODE = {
  device_code: "DAQABIQEAAADnfolhJpSnRYB1SVj",
  user_code: "USERCODE",
  verification_uri: "https://microsoft.com/devicelogin",
  message: "enter USERCODE",
  expires_in: 60,
  interval: 1,
};

export function createEntra() {
  let polls = 0;
  return async (url) => {
    if (url.endsWith("/devicecode")) return Response.json(CODE);
    polls += 1;
    if (polls === 1) return Response.json({ error: "authorization_pending" }, { status: 400 });
    return Response.json(TOKENS);
  };
}
