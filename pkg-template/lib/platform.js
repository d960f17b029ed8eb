// What the platform says of itself, where that may be asked.

/** An environment variable. On Deno, one that may not be read counts as absent: nobody is asked for permission. */
export function environment(name) {
  try {
    const { Deno, process } = globalThis;
    if (Deno?.permissions) {
      const { state } = Deno.permissions.querySync({ name: "env", variable: name });
      return state === "granted" ? Deno.env.get(name) : undefined;
    }
    return process?.env?.[name];
  } catch {
    return undefined;
  }
}

/** The operating system, or failing that the runtime. */
export function platform() {
  const { Deno, process, navigator } = globalThis;
  return Deno?.build?.os ?? process?.platform ?? navigator?.userAgent ?? "unknown";
}
