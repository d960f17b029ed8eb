/** The table: a line for each scenario, and under it whatever should not be so. */

import { compare } from "./compare.js";
import { judge, LISTED, RULES } from "./differences.js";
import { normalize } from "./normalize.js";

const SHORT = {
  token: "token",
  record: "record",
  AuthenticationRequiredError: "required",
  CredentialUnavailableError: "unavailable",
  ClientAuthenticationError: "error",
  ArgumentError: "argument",
};

export function createReport() {
  let passed = 0;
  let failed = 0;
  const shown = new Set();

  function fail(text, wrong = []) {
    failed += 1;
    console.log(`not ok - ${text}`);
    for (const line of wrong) console.log(`    ${line}`);
  }

  return {
    shown,
    fail,
    /**
     * @param {string} title
     * @param {import("./scenarios/index.js").Scenario[]} scenarios
     * @param {{python: Record<string, any>, ours: Record<string, any>}} played
     */
    group(title, scenarios, played) {
      if (scenarios.length) console.log(`\n# ${title}`);
      for (const scenario of scenarios) {
        const { name } = scenario;
        const [left, right] = [played.python[name], played.ours[name]];
        const broken = left?.broken ?? right?.broken;
        if (broken || !left || !right) {
          fail(name, String(broken ?? "was not played").split("\n"));
          continue;
        }
        const [python, ours] = [left, right].map((run) => normalize(run, scenario.seed));
        const { deviations, pairs } = compare(python, ours, scenario);
        const verdict = judge(scenario, deviations, python.requests, pairs);
        for (const each of verdict.shown) shown.add(each);
        const line = row(name, python, ours, verdict.shown);
        if (verdict.wrong.length) fail(line, verdict.wrong);
        else {
          passed += 1;
          console.log(`ok - ${line}`);
        }
      }
    },
    end() {
      console.log("\n# intended differences");
      const whys = Object.entries(RULES).map(([name, { why }]) => [name, why]);
      for (const [name, why] of [...whys, ...Object.entries(LISTED)]) {
        if (shown.has(name)) console.log(`${name}: ${why}`);
      }
      // None at all is a mistake in `--only`, not a success.
      if (passed + failed === 0) fail("no scenarios");
      console.log(`\n${passed} passed, ${failed} failed`);
      return failed === 0;
    },
  };
}

function row(name, python, ours, differences) {
  const outcomes = (run) =>
    run.steps
      .map(({ outcome }) => SHORT[outcome.kind] ?? outcome.kind)
      .filter((kind) => kind !== "done")
      .join(", ");
  const requests = [python, ours].map(({ requests }) => requests.length).join("/");
  const columns = [
    name.padEnd(60),
    `python: ${outcomes(python)}`.padEnd(32),
    `ours: ${outcomes(ours)}`.padEnd(30),
    `requests ${requests}`.padEnd(14),
    differences.join(", "),
  ];
  return columns.join(" | ").trimEnd();
}
