// Goes on to the end.
import { answer, createCredential, readFlow } from "./errand.js";

try {
  answer(await createCredential().acquireTokenByDeviceFlow(readFlow()));
} catch (error) {
  const { name, message, errorResponse } = error;
  answer({ name, message, errorResponse });
}
