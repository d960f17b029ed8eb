// Signs users in for other Workers, which call it by RPC; and one that does.
import { WorkerEntrypoint } from "cloudflare:workers";
import { AuthenticationRecord, DeviceCodeCredential } from "entra-device-code";

const RECORD = {
  authority: "login.microsoftonline.com",
  clientId: "client",
  homeAccountId: "oid.tid",
  tenantId: "contoso.com",
  username: "ada@contoso.com",
};

/** As Microsoft Entra answers: the first time with a code, then with an error. */
function createFetch() {
  const replies = [
    Response.json({
      device_code: "a device code",
      user_code: "ABCD1234",
      verification_uri: "https://microsoft.com/devicelogin",
      expires_in: 900,
    }),
    Response.json({ error: "invalid_client", error_codes: [7000218] }, { status: 401 }),
  ];
  return async () => replies.shift();
}

export class SignIns extends WorkerEntrypoint {
  async begin() {
    return new DeviceCodeCredential({ fetch: createFetch() }).initiateDeviceFlow("User.Read");
  }

  async end(flow) {
    const fetch = createFetch();
    await fetch();
    return new DeviceCodeCredential({ fetch }).acquireTokenByDeviceFlow(flow, { once: true });
  }

  async require() {
    const credential = new DeviceCodeCredential({
      fetch: createFetch(),
      disableAutomaticAuthentication: true,
    });
    return credential.getToken(["User.Read", "Mail.Read"], {
      claims: '{"access_token":{}}',
      tenantId: "organizations",
      enableCae: true,
    });
  }

  async account() {
    return { ...new AuthenticationRecord(RECORD) };
  }
}

export default {
  async fetch(_request, { SIGN_INS }) {
    const flow = await SIGN_INS.begin();
    const record = await SIGN_INS.account();
    new DeviceCodeCredential({ authenticationRecord: record });
    const error = await SIGN_INS.end(flow).then(() => ({}), Object);
    const { name, message, statusCode, hint, errorResponse } = error;
    const required = await SIGN_INS.require().then(() => ({}), Object);
    const { scopes, claims, getTokenOptions } = required;
    return Response.json({
      required: { name: required.name, scopes, claims, getTokenOptions },
      userCode: flow.userCode,
      username: record.username,
      error: { name, message, statusCode, hint, errorResponse },
    });
  },
};
