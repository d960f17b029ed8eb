// Polls once, as a job that is run now and then.
import { answer, createCredential, readFlow, writeFlow } from "./errand.js";

const { flow, ...outcome } = await createCredential().acquireTokenByDeviceFlow(readFlow(), {
  once: true,
});
if (flow) writeFlow(flow);
answer(outcome);
