// Begins a sign-in, and leaves it to others.
import { answer, createCredential, errand, writeFlow } from "./errand.js";

const flow = await createCredential().initiateDeviceFlow(errand.scope);
writeFlow(flow);
const { userCode, verificationUri, message } = flow;
answer({ userCode, verificationUri, message });
