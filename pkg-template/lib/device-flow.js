// A flow that outlives its process, as the caller keeps it: what the core says of it, and what was asked for.
const VERSION = "1";

/** The flow that began: `begun` is what the core says. */
export function createFlow({ expiresOn: _, ...begun }, asked, config) {
  const { scopes, claims, tenantId, enableCae, correlationId } = asked;
  return whole({
    ...begun,
    clientId: config.clientId,
    tenantId: tenantId || config.tenantId,
    requestedTenantId: tenantId || undefined,
    scopes,
    claims,
    enableCae,
    correlationId,
    version: VERSION,
  });
}

/** The flow after a poll: `answer` is how it stands now. */
export function continueFlow({ backoff: _, ...flow }, answer) {
  return whole({ ...flow, ...answer });
}

/** What to ask of the core, if this flow is for the credential to go on with. */
export function readFlow(flow, config) {
  const found = integrity(flow);
  if (!found || flow.integrity !== found) {
    wrong(
      "was changed, or is incomplete: it must be all that `initiateDeviceFlow` resolved to, as it was",
    );
  }
  if (flow.version !== VERSION) {
    wrong(
      `has the version ${flow.version}, and this release of the package knows version ${VERSION}`,
    );
  }
  const { scopes, claims, requestedTenantId: tenantId, enableCae, correlationId } = flow;
  const isText = (value) => typeof value === "string" && value.trim() !== "";
  const isScopes = Array.isArray(scopes) && scopes.length > 0 && scopes.every(isText);
  const texts = [correlationId, claims ?? "{}", tenantId ?? "organizations"];
  if (!isScopes || !texts.every(isText) || typeof enableCae !== "boolean") {
    wrong("has members that `initiateDeviceFlow` would not have given it");
  }
  // Whether this credential may get tokens for a tenant that was named, the core knows.
  for (const name of tenantId ? ["clientId"] : ["clientId", "tenantId"]) {
    if (flow[name] !== config[name]) {
      wrong(`was begun with the ${name} ${flow[name]}, and this credential's is ${config[name]}`);
    }
  }
  return { flow, scopes, claims, tenantId, enableCae, correlationId };
}

function whole(flow) {
  // As JSON has it: without what is undefined.
  const members = JSON.parse(JSON.stringify(flow));
  return { ...members, integrity: integrity(members) };
}

/**
 * A checksum of all members, in whatever order they come. Whoever holds a flow holds its device code, and could poll without
 * us: this keeps nobody out. It finds a flow whose parts don't belong together, before anything is sent on its behalf.
 */
function integrity({ integrity: _, ...flow }) {
  try {
    const members = Object.entries(flow).sort(([a], [b]) => (a < b ? -1 : 1));
    return checksum(JSON.stringify(members));
  } catch {
    // No JSON can be made of it, so that it was not made of JSON.
    return undefined;
  }
}

/** FNV-1a, twice, with different primes. At once: a call that comes after this one's must come after it in the core, too. */
function checksum(text) {
  let [one, other] = [0x811c9dc5, 0xcbf29ce4];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x85ebca6b);
  }
  return [one, other].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

function wrong(why) {
  throw new TypeError(`\`flow\` ${why}`);
}
