/** Looks for secrets in whatever a program might show of a value. */

/**
 * @param {unknown} value
 * @param {string[]} secrets
 * @returns {string[]} the kinds of those that are in it
 */
export function secretsIn(value, secrets) {
  const texts = [];
  collect(value, texts, new Set());
  const shown = texts.join("\n");
  return secrets.filter((secret) => shown.includes(secret)).map((secret) => secret.slice(0, -37));
}

/** All text that is in a value: its members of any kind, the getters of its classes, and what prints it. */
function collect(value, texts, seen) {
  if (typeof value !== "object" || value === null) {
    texts.push(String(value));
    return;
  }
  if (seen.has(value)) return;
  seen.add(value);
  for (const print of [String, JSON.stringify, inspect]) {
    try {
      texts.push(print(value) ?? "");
    } catch {
      // It can't be printed like that.
    }
  }
  for (let holder = value; holder && holder !== Object.prototype; ) {
    for (const key of Reflect.ownKeys(holder)) {
      try {
        collect(value[key], texts, seen);
      } catch {
        // Not for everybody.
      }
    }
    holder = Object.getPrototypeOf(holder);
  }
}

function inspect(value) {
  const { Deno, process } = globalThis;
  if (Deno) return Deno.inspect(value, { depth: 10 });
  return process?.getBuiltinModule?.("node:util").inspect(value, { depth: 10, showHidden: true });
}
