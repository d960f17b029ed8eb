/** How a value may be shown. */

/** Every way in which a value may end up in a log. */
export function* renderings(value) {
  yield String(value);
  yield JSON.stringify(value) ?? "";
  const { Deno, Bun, process } = globalThis;
  if (Deno) yield Deno.inspect(value, { depth: 20, showHidden: true });
  else if (Bun) yield Bun.inspect(value, { depth: 20 });
  else if (process?.getBuiltinModule) {
    const { inspect } = process.getBuiltinModule("node:util");
    yield inspect(value, { depth: 20, showHidden: true, getters: true });
  }
  if (value instanceof Error) {
    yield `${value.stack} ${value.message}`;
    yield JSON.stringify(Object.getOwnPropertyDescriptors(value));
    if (value.cause !== undefined) yield* renderings(value.cause);
  }
  if (typeof value === "object" && value !== null) yield JSON.stringify(allFields(value));
}

function allFields(value) {
  const fields = {};
  for (const name of Reflect.ownKeys(value)) fields[String(name)] = String(value[name]);
  return fields;
}
