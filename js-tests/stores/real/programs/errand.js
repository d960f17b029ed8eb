/** The errand that a process was started for, and how it answers. */

/** @returns {import("./act.js").Errand & Record<string, any>} */
export const errand = () => JSON.parse(process.argv.at(-1));

/** @param {unknown} outcome */
export const answer = (outcome) => console.log(JSON.stringify(outcome));
