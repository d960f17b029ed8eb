// Where importing WebAssembly gives the compiled module, as on Cloudflare Workers and with most bundlers' plugins.
declare const module: object;
export default module;
