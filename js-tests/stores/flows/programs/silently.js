// Uses what others left in the cache, without a user.
import { answer, createCredential, errand } from "./errand.js";

const { scope, record, renew } = errand;
const accounts = await createCredential().getAccounts();
const credential = createCredential({
  authenticationRecord: record ?? accounts[0],
  disableAutomaticAuthentication: true,
});
const { token } = await credential.getToken(scope);
const renewed = await credential.getToken(scope, renew);
answer({ accounts, token, renewed: renewed.token });
