// What makes a program of a library's tasks: each line of its input is one, `{do, with}` in JSON, each line of its output
// what came of it. A task in the argument is the only one.

import { createInterface } from "node:readline";

/** @param {Record<string, (input: any) => any>} tasks */
export async function serve(tasks) {
  if (process.argv[2]) return tell(await perform(tasks, process.argv[2]));
  for await (const line of createInterface({ input: process.stdin })) {
    tell(await perform(tasks, line));
  }
  // Whatever still waits, such as ten thousand sign-ins.
  process.exit();
}

async function perform(tasks, line) {
  const { do: name, with: input } = JSON.parse(line);
  try {
    return (await tasks[name](input ?? {})) ?? {};
  } catch (error) {
    return { error: error.stack };
  }
}

function tell(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
