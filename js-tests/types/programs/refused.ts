/** What must not compile. */

import {
  AuthenticationRecord,
  AuthenticationRequiredError,
  AzureAuthorityHosts,
  DeviceCodeCredential,
  type TokenCredential,
} from "entra-device-code";

const credential = new DeviceCodeCredential();
const numberedPrompt = (uri: string, code: number) => [uri, code];

// @ts-expect-error no scope
credential.getToken();
// @ts-expect-error options without a scope
credential.getToken({});
// @ts-expect-error a scope that is a number
credential.getToken(7);
// @ts-expect-error a scope among scopes that is a number
credential.getToken("a", 7);
// @ts-expect-error options before a scope
credential.getToken("a", {}, "b");
// @ts-expect-error an array among scopes
credential.getToken(["a"], "b");
// @ts-expect-error a misspelt option
credential.getToken("a", { tenant: "contoso.com" });
// @ts-expect-error claims that are an object
credential.getToken("a", { claims: {} });
// @ts-expect-error a signal that is none
credential.getToken("a", { abortSignal: {} });
// @ts-expect-error scopes that are numbers
credential.authenticate({ scopes: [7] });

// @ts-expect-error a misspelt option
new DeviceCodeCredential({ clientID: "client" });
// @ts-expect-error a timeout that is a string
new DeviceCodeCredential({ timeout: "60" });
// @ts-expect-error a client id that is a number
new DeviceCodeCredential(7);
// @ts-expect-error options before the client id
new DeviceCodeCredential({}, "client");
// @ts-expect-error a prompt that is no function
new DeviceCodeCredential({ promptCallback: "show" });
// @ts-expect-error a prompt that wants what it does not get
new DeviceCodeCredential({ promptCallback: numberedPrompt });
// @ts-expect-error a plugin without its methods
new DeviceCodeCredential({ cachePersistenceOptions: { cachePlugin: {} } });
// @ts-expect-error a record without its fields
new DeviceCodeCredential({ authenticationRecord: { username: "ada@contoso.com" } });
// @ts-expect-error a client secret, which a public client has none of
new DeviceCodeCredential({ clientSecret: "secret" });

// @ts-expect-error a record without its fields
new AuthenticationRecord({});
// @ts-expect-error a record does not change
AuthenticationRecord.deserialize("{}").username = "eve@contoso.com";
// @ts-expect-error an error that does not say for which scopes
new AuthenticationRequiredError({ message: "sign in" });
// @ts-expect-error the hosts do not change
AzureAuthorityHosts.AzureChina = "https://contoso.com";
// @ts-expect-error no access to what is inside
credential.driver;
// @ts-expect-error a token is no string
const token: string = await credential.getToken("a");
// @ts-expect-error a credential without its method
const none: TokenCredential = {};

export { none, token };
