/** Python's run against ours: every deviation, as data. Which of them are intended is `differences.js`'s matter. */

import { Seconds } from "./normalize.js";

/**
 * @typedef {object} Deviation
 * @property {number} step
 * @property {string} what
 * @property {string} text the whole of it, as scenarios list it: `{step} {what}: {python} → {ours}`
 * @property {import("./normalize.js").NormalRequest} [request] of the side that sent it; of Python if both did
 */

/** @typedef {[import("./normalize.js").NormalRequest, import("./normalize.js").NormalRequest]} Pair */

/**
 * @param {import("./normalize.js").NormalRun} python
 * @param {import("./normalize.js").NormalRun} ours
 * @param {{anyPolls?: boolean}} [options] polls that follow each other count as one
 * @returns {{deviations: Deviation[], pairs: Pair[]}}
 */
export function compare(python, ours, { anyPolls = false, anyRows = false } = {}) {
  const deviations = /** @type {Deviation[]} */ ([]);
  const note = (step, what, a, b, request = undefined) => {
    const alone = !(a instanceof Seconds && b instanceof Seconds);
    const [left, right] = [show(a, alone), show(b, alone)];
    deviations.push({ step, what, text: `${step} ${what}: ${left} → ${right}`, request });
  };

  const requests = anyPolls
    ? [onePoll(python.requests), onePoll(ours.requests)]
    : [python.requests, ours.requests];
  if (anyPolls) note(0, "polls", "some", "some");
  const { pairs, onlyPython, onlyOurs } = align(requests[0], requests[1]);
  for (const request of onlyPython) note(request.step, title(request), "sent", "not sent", request);
  for (const request of onlyOurs) note(request.step, title(request), "not sent", "sent", request);
  for (const [a, b] of pairs) {
    for (const name of union(a.fields, b.fields)) {
      const [left, right] = [a.fields[name], b.fields[name]];
      if (!same(left, right)) note(a.step, `${a.endpoint} ${name}`, left, right, a);
    }
  }

  python.steps.forEach(({ outcome, prompts }, step) => {
    const other = ours.steps[step];
    // What belongs to one kind of outcome alone follows from the kind.
    const names = outcome.kind === other.outcome.kind ? union(outcome, other.outcome) : ["kind"];
    for (const name of names) {
      const [left, right] = [outcome[name], other.outcome[name]];
      if (saysMore(name, left)) continue;
      if (!same(left, right)) note(step, name, left, right);
    }
    if (prompts.length !== other.prompts.length) {
      note(step, "prompts", prompts.length, other.prompts.length);
    } else {
      prompts.forEach((prompt, n) => {
        for (const name of union(prompt, other.prompts[n])) {
          const [left, right] = [prompt[name], other.prompts[n][name]];
          if (!same(left, right)) note(step, `prompt ${name}`, left, right);
        }
      });
    }
  });
  if (python.cache && ours.cache && !anyRows)
    compareCaches(python.cache, ours.cache, note, python.steps.length);
  return { deviations, pairs };
}

/** Details of an error that Python leaves out are no deviation; those it has must be the same. */
function saysMore(name, left) {
  return (
    left === undefined && ["status", "oauthError", "errorCodes", "code", "timedOut"].includes(name)
  );
}

function compareCaches(python, ours, note, step) {
  for (const section of union(python, ours)) {
    const [left, right] = [python[section] ?? {}, ours[section] ?? {}];
    for (const key of union(left, right)) {
      if (!left[key] || !right[key]) {
        note(step, `cache ${section} ${key}`, present(left[key]), present(right[key]));
        continue;
      }
      for (const name of union(left[key], right[key])) {
        const [a, b] = [left[key][name], right[key][name]];
        if (!same(a, b)) note(step, `cache ${section} ${key} ${name}`, a, b);
      }
    }
  }
}

const present = (row) => (row ? "there" : "not there");

/** Longest common subsequence by step and target, so that one request too many is one deviation. */
function align(left, right) {
  const key = (request) => `${request.step} ${request.endpoint} ${request.target}`;
  const lengths = Array.from({ length: left.length + 1 }, () =>
    new Array(right.length + 1).fill(0),
  );
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i][j] =
        key(left[i]) === key(right[j])
          ? lengths[i + 1][j + 1] + 1
          : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const found = { pairs: [], onlyPython: [], onlyOurs: [] };
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && key(left[i]) === key(right[j])) {
      found.pairs.push([left[i++], right[j++]]);
    } else if (j >= right.length || (i < left.length && lengths[i + 1][j] >= lengths[i][j + 1])) {
      found.onlyPython.push(left[i++]);
    } else {
      found.onlyOurs.push(right[j++]);
    }
  }
  return found;
}

function onePoll(requests) {
  return requests.filter(({ endpoint, step, fields }, n) => {
    const before = requests[n - 1];
    const again = before?.endpoint === "token" && before.step === step;
    return !(endpoint === "token" && again && same(before.fields, fields));
  });
}

function title({ endpoint, target, fields }) {
  const version = fields["query.api-version"];
  return version ? `${endpoint} ${version} ${target}` : `${endpoint} ${target}`;
}

function union(a, b) {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function same(a, b) {
  if (a instanceof Seconds) return a.equals(b);
  return JSON.stringify(a) === JSON.stringify(b);
}

function show(value, isAlone = false) {
  if (value === undefined) return "-";
  // Alone on its side, its length is not what matters, and varies from run to run.
  if (value instanceof Seconds && isAlone) return "a time";
  return typeof value === "string" ? value : JSON.stringify(value);
}
