import { requiringOn } from "./node-require.js";
import { program } from "./runtimes.js";

export const run = requiringOn(() => program("node20"));
