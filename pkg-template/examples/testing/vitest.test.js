// npx vitest run
import { DeviceCodeCredential } from "entra-device-code";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createEntra } from "./entra.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a user who takes a while", async () => {
  const prompt = vi.fn();
  const credential = new DeviceCodeCredential({ fetch: createEntra(), userPromptCallback: prompt });
  const asked = credential.getToken("User.Read");
  await vi.advanceTimersByTimeAsync(10_000); // two polls
  expect((await asked).token).toBe("a token");
  expect(prompt).toHaveBeenCalledOnce();
});

test("a user who never comes", async () => {
  const fetch = createEntra({ polls: Number.POSITIVE_INFINITY });
  const credential = new DeviceCodeCredential({ fetch, promptCallback() {}, timeout: 60 });
  const asked = expect(credential.getToken("User.Read")).rejects.toThrow(/^Timed out/);
  await vi.advanceTimersByTimeAsync(60_000);
  await asked;
});
