// The modules that the build makes.

declare module "#glue" {
  export function createGlue(): import("./types.js").Glue;
}

declare module "#base64" {
  const base64: string;
  export default base64;
}

declare module "#brotli" {
  const base64: string;
  export default base64;
}

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
