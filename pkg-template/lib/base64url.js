// Base64url (RFC 7515 §2) wherever there may be no `Buffer`.
import { base64url } from "jose";

export const { encode, decode } = base64url;
