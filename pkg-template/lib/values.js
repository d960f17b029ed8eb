// Values as callers give them: of the right type, or refused with a message that names the option.

/** A value of the right type, or `undefined`. `where` is what the options themselves are an option of. */
export function read(options, name, type, where) {
  const value = options[name];
  if (!isGiven(value)) return undefined;
  const fits = type === "object" ? isObject(value) : typeof value === type;
  if (!fits) wrong(within(where, name), `must be ${article(type)}, not ${kind(value)}`);
  return value;
}

/** The name and value of an option that has two spellings. Two different values are a mistake. */
export function named(options, names, type, where) {
  const given = names.filter((name) => read(options, name, type, where) !== undefined);
  if (given.length === 2 && options[given[0]] !== options[given[1]]) {
    wrong(
      within(where, given[0]),
      `and \`${given[1]}\` are the same option and have different values: give one of them`,
    );
  }
  return given.length > 0 ? [given[0], options[given[0]]] : undefined;
}

export function either(options, names, type, where) {
  return named(options, names, type, where)?.[1];
}

export function isGiven(value) {
  return value !== undefined && value !== null;
}

/** An object that is neither an array nor a function. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function kind(value) {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "an array" : article(typeof value);
}

function article(type) {
  return `${type === "object" ? "an" : "a"} ${type}`;
}

export function within(where, name) {
  return where ? `${where}.${name}` : name;
}

export function wrong(name, why) {
  throw new TypeError(`\`${name}\` ${why}`);
}
