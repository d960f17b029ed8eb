/** How often things came to what they are for: a kind that never does is not tried. */
export const kinds = {
  flowsGoneOn: 0,
  flowsPending: 0,
  flowsEnded: 0,
  recordsRead: 0,
  recordsRefused: 0,
  recordsGiven: 0,
  challengesRead: 0,
  challengesWithout: 0,
  challengesRefused: 0,
  accountsRemoved: 0,
  itemsEncrypted: 0,
  itemsWhole: 0,
  itemsCut: 0,
  itemsAltered: 0,
  itemsOfAnotherKey: 0,
  itemsOfAnotherName: 0,
  itemsOfOddText: 0,
  pluginWrites: 0,
  metadataRead: 0,
  aborted: 0,
  closedMeanwhile: 0,
  promptsFailed: 0,
  calledAgain: 0,
};

/** @param {keyof typeof kinds} kind */
export function count(kind) {
  kinds[kind] += 1;
}
