// Polls again and again, and keeps the flow as it stands; says how each poll went.
import { answer, createCredential, readFlow, writeFlow } from "./errand.js";

const credential = createCredential();
for (;;) {
  const { flow, ...outcome } = await credential.acquireTokenByDeviceFlow(readFlow(), {
    once: true,
  });
  if (flow) writeFlow(flow);
  answer(outcome);
  if (!flow) break;
  await new Promise((resolve) => setTimeout(resolve, outcome.retryAfter));
}
