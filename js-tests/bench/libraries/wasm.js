// Looks between JavaScript and WebAssembly, from outside: whatever is instantiated from now on counts the calls both ways.
// Import it before what is looked at.

const Instance = WebAssembly.Instance;

/** Calls into WebAssembly and out of it, since the last `reset`, and how often each function was called. */
export const crossings = { in: 0, out: 0, names: new Map(), reset };
const memories = [];

WebAssembly.Instance = function CountingInstance(module, imports) {
  const counting = Object.entries(imports ?? {}).map(([from, functions]) => [
    from,
    counted(functions, "out"),
  ]);
  const { exports } = new Instance(module, Object.fromEntries(counting));
  memories.push(...Object.values(exports).filter((each) => each instanceof WebAssembly.Memory));
  return { exports: counted(exports, "in") };
};

function reset() {
  crossings.in = 0;
  crossings.out = 0;
  crossings.names.clear();
}

function counted(functions, direction) {
  return Object.fromEntries(
    Object.entries(functions).map(([name, value]) => [
      name,
      typeof value === "function" ? countedCall(name, value, direction) : value,
    ]),
  );
}

function countedCall(name, call, direction) {
  return (...args) => {
    crossings[direction] += 1;
    crossings.names.set(name, (crossings.names.get(name) ?? 0) + 1);
    return call(...args);
  };
}

/** Bytes of memory that all instances have. */
export function memorySize() {
  return memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
}
