// Where it ran. A figure without that is worth nothing.

import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";

export function machine() {
  const [{ model }, ...others] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: model.trim(),
    cores: others.length + 1,
    memory: Math.round(totalmem() / 1e9),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    // Others who are at work meanwhile disturb the times.
    load: Math.round(loadavg()[0] * 10) / 10,
  };
}
