/** Sends the person at the other device to the OpenID provider's pages. */

import { control } from "./servers.js";

/** @param {{verificationUri: string, userCode: string, username?: string}} errand */
export const approve = (errand) => control("POST", "person/approve", errand);

/** @param {{verificationUri: string, userCode: string}} errand */
export const deny = (errand) => control("POST", "person/deny", errand);
