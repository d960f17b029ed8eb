/** Loaded before a program: it dies where it would let its changes take effect, with the lock of the cache. */

import fs from "node:fs/promises";
import process from "node:process";

fs.rename = () => process.kill(process.pid, "SIGKILL");
