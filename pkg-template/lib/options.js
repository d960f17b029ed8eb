// Options and arguments as callers write them, in both spellings: this package's, which are Python's in camel case, and
// those of @azure/identity. What is of the wrong type is refused here; what a value means is the core's business.
import { environment, platform } from "./platform.js";
import { readPersistence } from "./stores/options.js";
import { isGiven, isObject, kind, named, read, wrong } from "./values.js";

const DEFAULT_CLIENT_ID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const DEFAULT_AUTHORITY = "login.microsoftonline.com";
const DEFAULT_TENANT = "organizations";

/** `(options?)` or `(clientId, options?)`: the core's configuration, and what only JavaScript can hold. */
export function readOptions(args) {
  const [clientId, given] = typeof args[0] === "string" ? args : [undefined, args[0] ?? args[1]];
  const options = object(given, "options");
  const record = read(options, "authenticationRecord", "object");
  const retry = object(options.retryOptions, "retryOptions");
  const authority = unlessEmpty(named(options, ["authority", "authorityHost"], "string")) ??
    (record && ["authenticationRecord.authority", record.authority]) ??
    variable("AZURE_AUTHORITY_HOST") ?? ["authority", DEFAULT_AUTHORITY];
  const tenant = unlessEmpty(named(options, ["tenantId"], "string")) ??
    unlessEmpty(record && ["authenticationRecord.tenantId", record.tenantId]) ?? [
      "tenantId",
      DEFAULT_TENANT,
    ];
  const persistence = readPersistence(options);
  const timeout = number(options, "timeout");
  const requestTimeout = number(options, "requestTimeout");
  if (requestTimeout === 0) wrong("requestTimeout", "must be more than 0 milliseconds");
  const config = {
    clientId: readClientId(clientId, options, record),
    authorityName: authority[0],
    authority: authority[1],
    tenantName: tenant[0],
    tenantId: tenant[1],
    timeout: timeout < 2 ** 32 ? Math.round(timeout * 1000) : undefined,
    authenticationRecord: record && { ...record },
    disableAutomaticAuthentication: read(options, "disableAutomaticAuthentication", "boolean"),
    disableInstanceDiscovery: read(options, "disableInstanceDiscovery", "boolean"),
    additionallyAllowedTenants: tenants(options.additionallyAllowedTenants),
    multiTenantDisabled: variable("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH") !== undefined,
    enableSupportLogging:
      read(options, "enableSupportLogging", "boolean") ??
      read(
        object(options.loggingOptions, "loggingOptions"),
        "enableUnsafeSupportLogging",
        "boolean",
      ),
    maxRetries: whole(number(retry, "maxRetries")),
    retryDelayInMs: whole(number(retry, "retryDelayInMs")),
    maxRetryDelayInMs: whole(number(retry, "maxRetryDelayInMs")),
    requestTimeout: requestTimeout && Math.ceil(Math.min(requestTimeout, 2 ** 31)),
    persistence: persistence?.layout,
    os: platform(),
  };
  return {
    config,
    persistence,
    fetch: read(options, "fetch", "function"),
    ...prompts(options),
    logger: logger(options),
  };
}

/** `(...scopes, options?)` or `(scopes, options?)`, with `scopes` a string or an array of strings. */
export function readGetToken(args) {
  const { scopes, options } = split(args);
  if (scopes.length === 0) {
    wrong("scopes", 'must name at least one scope, such as "https://graph.microsoft.com/.default"');
  }
  return { scopes, ...readCallOptions(options) };
}

/** `({scopes?, …}?)` or `(scopes, options?)`. */
export function readAuthenticate(args) {
  const { scopes, options } = split(args);
  if (scopes.length > 0 && isGiven(options.scopes)) {
    wrong("scopes", "is given as an argument and as an option: give one of them");
  }
  const all = isGiven(options.scopes) ? strings([options.scopes].flat()) : scopes;
  return { scopes: all, ...readCallOptions(options) };
}

/** `(flow, {once?, abortSignal?}?)` */
export function readAcquireByFlow([flow, given]) {
  if (!isObject(flow)) {
    wrong("flow", `must be the object that \`initiateDeviceFlow\` resolved to, not ${kind(flow)}`);
  }
  const options = object(given, "options");
  return {
    flow,
    once: read(options, "once", "boolean") ?? false,
    signal: abortSignal(options),
  };
}

function split(args) {
  const values = [...args];
  while (values.length > 0 && !isGiven(values.at(-1))) values.pop();
  const options = isObject(values.at(-1)) ? values.pop() : {};
  const scopes = values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
  return { scopes: strings(scopes), options };
}

function strings(scopes) {
  for (const scope of scopes) {
    if (typeof scope !== "string") wrong("scopes", `must be strings, not ${kind(scope)}`);
    if (scope.trim() === "") wrong("scopes", "must not hold an empty string");
  }
  return scopes;
}

function readCallOptions(options) {
  return {
    claims: read(options, "claims", "string"),
    tenantId: read(options, "tenantId", "string"),
    enableCae: read(options, "enableCae", "boolean") ?? false,
    signal: abortSignal(options),
  };
}

function abortSignal(options) {
  const [name, signal] = named(options, ["abortSignal", "signal"], "object") ?? [];
  if (
    name &&
    !(
      typeof signal.addEventListener === "function" &&
      typeof signal.removeEventListener === "function"
    )
  ) {
    wrong(name, "must be an AbortSignal, or have its `addEventListener` and `removeEventListener`");
  }
  return signal;
}

function readClientId(positional, options, record) {
  const option = read(options, "clientId", "string");
  const clientId = positional ?? option;
  if (option !== undefined && clientId !== option) {
    wrong("clientId", "is given as an argument and as an option, with different values: give one");
  }
  if (clientId?.trim() === "") wrong("clientId", "must not be empty");
  if (record && clientId !== undefined && clientId !== record.clientId) {
    wrong(
      "authenticationRecord",
      "is of another client: leave out `clientId`, or use the record that `authenticate` returned for it",
    );
  }
  return clientId ?? record?.clientId ?? DEFAULT_CLIENT_ID;
}

function prompts(options) {
  const promptCallback = read(options, "promptCallback", "function");
  const userPromptCallback = read(options, "userPromptCallback", "function");
  if (promptCallback && userPromptCallback) {
    wrong("promptCallback", "and `userPromptCallback` are the same option: give one of them");
  }
  return { promptCallback, userPromptCallback };
}

function logger({ logger }) {
  if (isGiven(logger) && !isObject(logger) && typeof logger !== "function") {
    wrong("logger", `must be a function or an object such as \`console\`, not ${kind(logger)}`);
  }
  return logger;
}

function tenants(value) {
  if (!isGiven(value)) return undefined;
  if (!Array.isArray(value) || !value.every((tenant) => typeof tenant === "string")) {
    wrong("additionallyAllowedTenants", "must be an array of strings");
  }
  return value;
}

/** An empty text counts as none, as it does for Python. */
function unlessEmpty(given) {
  return given?.[1] === "" ? undefined : given;
}

function number(options, name) {
  const value = read(options, name, "number");
  if (value !== undefined && !(value >= 0)) wrong(name, "must not be negative or NaN");
  return value;
}

function whole(value) {
  return value === undefined ? undefined : Math.floor(Math.min(value, 2 ** 32));
}

function object(value, name) {
  return read({ [name]: value }, name, "object") ?? {};
}

function variable(name) {
  const value = environment(name);
  return value ? [name, value] : undefined;
}
