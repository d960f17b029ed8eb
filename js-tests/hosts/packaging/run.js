/**
 * What is published, and what is said of it: the tarball, its licences, the documents and the workflows:
 *
 *     node hosts/packaging/run.js [--tarball FILE] [--only PART-OF-A-NAME]
 */

import { parseArgs } from "node:util";
import { closingLine, run } from "../../base/harness/suite.js";
import { createProject } from "../../base/runners/project.js";
import { testDocuments } from "./documents.js";
import { testLicences } from "./licences.js";
import { testTarball } from "./tarball.js";
import { testWorkflows } from "./workflows.js";

const { values } = parseArgs({
  options: { tarball: { type: "string" }, only: { type: "string" } },
});
const project = await createProject({ tarball: values.tarball });
try {
  testTarball(project);
  testLicences(project);
  testDocuments();
  testWorkflows();
  const summary = await run({ only: values.only });
  console.log(closingLine(summary));
  process.exitCode = summary.failed ? 1 : 0;
} finally {
  await project.remove();
}
