import { importingOn } from "./node.js";
import { program } from "./runtimes.js";

export const run = importingOn(() => program("node24"));
