// A Worker that tells how much of the WebAssembly instance is in use.

import { DeviceCodeCredential } from "entra-device-code";
import { instances } from "./instances.js";

/* global AUTHORITY, TENANT: put in by the bundler */
const credential = new DeviceCodeCredential({
  authority: AUTHORITY,
  tenantId: TENANT,
  disableInstanceDiscovery: true,
  promptCallback() {},
});

export default {
  async fetch(request) {
    const asked = new URL(request.url).searchParams;
    try {
      if (asked.has("measure")) return Response.json(measured());
      if (asked.has("signOut")) await credential.removeAccount();
      else return new Response((await credential.getToken(asked.get("scope"))).token);
      return new Response("signed out");
    } catch (error) {
      return new Response(`${error.name}: ${error.message}`, { status: 500 });
    }
  },
};

function measured() {
  const exports = Object.values(instances.at(-1).exports);
  const memory = exports.find((value) => value instanceof WebAssembly.Memory);
  const references = exports.find(
    (value) => value instanceof WebAssembly.Table && isOfValues(value),
  );
  return { memory: memory.buffer.byteLength, references: references.length };
}

/** The other table is of functions. */
function isOfValues(table) {
  try {
    table.set(0, table.get(0));
    return typeof table.get(1) !== "function";
  } catch {
    return false;
  }
}
