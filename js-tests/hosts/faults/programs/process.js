// The program of runtimes with a process: what it is to do is its last argument, in JSON.
import { clocks } from "./clocks.js";
import { table } from "./table.js";

const args = globalThis.Deno?.args ?? process.argv;
const { program, ...input } = JSON.parse(args.at(-1));
console.log(JSON.stringify(await { clocks, table }[program](input)));
