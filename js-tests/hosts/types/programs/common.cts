/** CommonJS, in both forms TypeScript has for it. */

import identity = require("entra-device-code");

import { AuthenticationError, DeviceCodeCredential } from "entra-device-code";

export const credential: identity.DeviceCodeCredential = new DeviceCodeCredential();

export function isOurs(error: unknown): error is identity.AuthenticationError {
  return error instanceof AuthenticationError;
}

export const record: identity.AuthenticationRecord =
  identity.AuthenticationRecord.deserialize("{}");
