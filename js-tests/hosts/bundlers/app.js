// An app that a user bundles: no special care anywhere.
import { DeviceCodeCredential } from "entra-device-code";
import { createEntra } from "./entra.js";

const credential = new DeviceCodeCredential({ fetch: createEntra(), promptCallback() {} });
credential.getToken("User.Read").then(({ token }) => console.log(token));
