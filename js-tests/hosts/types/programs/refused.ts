/** What must not compile. */

import {
  AuthenticationRecord,
  AuthenticationRequiredError,
  AzureAuthorityHosts,
  DeviceCodeCredential,
  type DeviceFlow,
  type TokenCredential,
} from "entra-device-code";

const credential = new DeviceCodeCredential();
const numbers = { getItem: (key: number) => key, setItem() {}, removeItem() {} };
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

const flow: DeviceFlow = await credential.initiateDeviceFlow("a");

// @ts-expect-error a flow without a scope
credential.initiateDeviceFlow();
// @ts-expect-error options without a scope
credential.initiateDeviceFlow({ enableCae: true });
// @ts-expect-error a flow that polls, which is for who goes on with it
credential.initiateDeviceFlow("a", { once: true });
// @ts-expect-error nothing to go on with
credential.acquireTokenByDeviceFlow();
// @ts-expect-error a flow as JSON
credential.acquireTokenByDeviceFlow(JSON.stringify(flow));
// @ts-expect-error a flow that is still to come
credential.acquireTokenByDeviceFlow(credential.initiateDeviceFlow("a"));
// @ts-expect-error a part of a flow
credential.acquireTokenByDeviceFlow({ deviceCode: flow.deviceCode });
// @ts-expect-error a flow without its version
credential.acquireTokenByDeviceFlow({ ...flow, version: undefined });
// @ts-expect-error once that is a number
credential.acquireTokenByDeviceFlow(flow, { once: 1 });
// @ts-expect-error scopes, which are the flow's
credential.acquireTokenByDeviceFlow(flow, { scopes: ["a"] });
// @ts-expect-error a signal that is none
credential.acquireTokenByDeviceFlow(flow, { abortSignal: {} });
// @ts-expect-error one poll may not bring the token
(await credential.acquireTokenByDeviceFlow(flow, { once: true })).token;
// @ts-expect-error who goes on to the end is never told to wait
(await credential.acquireTokenByDeviceFlow(flow)).retryAfter;
// @ts-expect-error there may be no record
(await credential.acquireTokenByDeviceFlow(flow)).authenticationRecord.username;
// @ts-expect-error a flow does not change
flow.userCode = "USERCODE";
// @ts-expect-error nor do its scopes
flow.scopes.push("b");
// @ts-expect-error nor has it members that have no name there
flow.other;
// @ts-expect-error accounts of nobody in particular
credential.getAccounts("ada@contoso.com");
// @ts-expect-error an account is no string
const [account]: string[] = await credential.getAccounts();

// @ts-expect-error a misspelt option
new DeviceCodeCredential({ clientID: "client" });
// @ts-expect-error a URL that is an object
new DeviceCodeCredential({ metadataUrl: new URL("https://id.contoso.com/x") });
// @ts-expect-error a scope that is not sent unasked
new DeviceCodeCredential({ excludeScopes: ["User.Read"] });
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
// @ts-expect-error a storage without its methods
new DeviceCodeCredential({ cachePersistenceOptions: { storage: { getItem: () => null } } });
// @ts-expect-error a storage of numbers
new DeviceCodeCredential({ cachePersistenceOptions: { storage: numbers } });
// @ts-expect-error a key that is a password
new DeviceCodeCredential({ cachePersistenceOptions: { encryptionKey: "correct horse" } });
// @ts-expect-error a misspelt option
new DeviceCodeCredential({ cachePersistenceOptions: { allowUnencrypted: true } });
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

export { account, type none, token };
