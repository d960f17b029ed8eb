// What is said of errors that plugins and storages throw.

/** The longest that is repeated, in characters. */
const LONGEST = 200;
/** Where JSON begins, as it is or in a URL; where a JWE or a JWT does; or a word that is longer than any path. */
const SECRET = /\{|%7[bB]|\beyJ|\S{160}/;

/**
 * What of an error's message goes into a log line or another message: its beginning. A careless plugin may repeat the cache
 * that it could not write.
 */
export function discreetStoreText(message) {
  const whole = message.trim();
  const [line] = whole.split(/[\r\n]/, 1);
  const at = line.search(SECRET);
  const told = line.slice(0, Math.min(at < 0 ? line.length : at, LONGEST)).trimEnd();
  return told === whole ? told : `${told}…`;
}
