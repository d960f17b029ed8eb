/**
 * The program of runtimes that answer requests (workerd, Vercel's edge runtime): runs the suite within one request, whose
 * body says where the servers are, and streams what it prints.
 */

import "./suite-files.js"; // written by the runner: one import per suite file
import { closingLine, run } from "./suite.js";

/** @param {Request} request */
export async function answer(request) {
  globalThis.__testServers = await request.json();
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const print = (line) => void writer.write(encoder.encode(`${line}\n`));
  run({ only: globalThis.__testServers.only, print })
    .then(
      (summary) => print(closingLine(summary)),
      (error) => print(`not ok - ${error.stack}`),
    )
    .then(() => writer.close());
  return new Response(readable);
}
