// What the platform says of itself, where that may be asked.

/** An environment variable. On Deno, one that may not be read counts as absent: nobody is asked for permission. */
export function environment(name) {
  try {
    const { Deno, process } = globalThis;
    if (!isGranted("env", { variable: name })) return undefined;
    return Deno ? Deno.env.get(name) : process?.env?.[name];
  } catch {
    return undefined;
  }
}

/** Whether something may be done without anybody being asked: only Deno asks. */
export function isGranted(name, what) {
  const { Deno } = globalThis;
  return !Deno?.permissions || Deno.permissions.querySync({ name, ...what }).state === "granted";
}

/** The operating system, or failing that the runtime. */
export function platform() {
  const { Deno, process, navigator } = globalThis;
  return Deno?.build?.os ?? process?.platform ?? navigator?.userAgent ?? "unknown";
}
