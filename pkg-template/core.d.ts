/**
 * The API for those who load the module themselves: from `entra-device-code/wasm`, or from wherever they keep it.
 *
 * @module
 */
export * from "./index.js";

/**
 * Gives the compiled module, before the first credential is constructed. Once one has been, it changes nothing.
 *
 * @param module a `WebAssembly.Module`
 * @throws TypeError if it is none
 */
export declare function provideModule(module: object): void;
