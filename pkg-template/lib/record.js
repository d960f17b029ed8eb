// Who signed in: what `authenticate` returns and a later process starts from.

const VERSION = "1.0";
const FIELDS = /** @type {const} */ ([
  "authority",
  "clientId",
  "homeAccountId",
  "tenantId",
  "username",
]);

/** @import { AuthenticationRecordFields } from "../index.js" */

/** Non-secret information about an account; its serialized form is Python's and that of @azure/identity. */
export class AuthenticationRecord {
  static name = "AuthenticationRecord";

  /** @param {AuthenticationRecordFields} fields */
  constructor(fields) {
    for (const name of FIELDS) {
      const value = fields?.[name];
      // An OpenID provider without tenants has an issuer without a path, and so a record without a tenant.
      if (typeof value !== "string" || (value === "" && name !== "tenantId")) {
        throw new TypeError(`an authentication record must have the non-empty string \`${name}\``);
      }
      Object.assign(this, { [name]: value });
    }
    Object.freeze(this);
  }

  serialize() {
    return JSON.stringify({ ...this, version: VERSION });
  }

  /** @param {string} serialized */
  static deserialize(serialized) {
    let fields;
    try {
      fields = JSON.parse(serialized);
    } catch (error) {
      throw new TypeError("the serialized authentication record is no JSON", { cause: error });
    }
    if (fields?.version !== VERSION) {
      const found = JSON.stringify(fields?.version) ?? "none";
      throw new TypeError(
        `unexpected version ${found} of an authentication record: this package supports "${VERSION}"`,
      );
    }
    return new AuthenticationRecord(fields);
  }
}

/** @param {AuthenticationRecordFields} fields */
export function createRecord(fields) {
  return new AuthenticationRecord(fields);
}

/** @param {AuthenticationRecordFields} record */
export function serializeAuthenticationRecord(record) {
  return new AuthenticationRecord(record).serialize();
}

/** @param {string} serialized */
export function deserializeAuthenticationRecord(serialized) {
  return AuthenticationRecord.deserialize(serialized);
}
