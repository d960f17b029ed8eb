// The stores of runtimes that have files.
import { openFiles } from "../files/files.js";
import { createSeal, isSealed } from "../seal.js";
import * as others from "./stores.js";

export function openStore(persistence, lent) {
  if (persistence.place !== "files") return others.openStore(persistence, lent);
  const { name, allowUnencryptedStorage, encryptionKey } = persistence;
  const { CredentialUnavailableError, log } = lent;
  const options = { name, allowUnencryptedStorage, encryptionKey };
  return openFiles({ ...options, seal: createSeal, isSealed, CredentialUnavailableError }, log);
}
