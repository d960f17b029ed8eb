/** Runs the suite on a runtime that answers requests: asks, prints what it streams, and judges its end. */

const CLOSING_LINE = /^\d+ passed, (\d+) failed.*$/m;

/**
 * @param {string} url
 * @param {object} testServers
 * @param {(url: string, init: object) => Promise<Response>} [send]
 * @returns {Promise<boolean>} whether every case passed
 */
export async function runByRequest(url, testServers, send = fetch) {
  const response = await send(url, { method: "POST", body: JSON.stringify(testServers) });
  let output = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const text = decoder.decode(chunk, { stream: true });
    output += text;
    process.stdout.write(text);
  }
  const closing = output.match(CLOSING_LINE);
  if (!closing) console.log(`not ok - the runtime ended before the suite did (${response.status})`);
  return closing?.[1] === "0";
}
