// Takes note of each WebAssembly instance that is made. To be imported before whatever makes one.
const { Instance } = WebAssembly;

export const instances = [];

/** Stands in for `WebAssembly.Instance`. */
function Noted(...args) {
  const instance = new Instance(...args);
  instances.push(instance);
  return instance;
}
WebAssembly.Instance = Noted;
