// npx jest --testMatch "**/*.test.cjs"
const { DeviceCodeCredential } = require("entra-device-code");

/** A sign-in service whose user needs two polls. */
function createFetch() {
  const reply = (status, body) => new Response(JSON.stringify(body), { status });
  return jest
    .fn()
    .mockResolvedValueOnce(
      reply(200, {
        device_code: "a device code",
        user_code: "ABCD1234",
        verification_uri: "https://microsoft.com/devicelogin",
        expires_in: 900,
        interval: 5,
      }),
    )
    .mockResolvedValueOnce(reply(400, { error: "authorization_pending" }))
    .mockResolvedValueOnce(reply(200, { access_token: "a token", expires_in: 3600 }));
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test("a user who takes a while", async () => {
  const fetch = createFetch();
  const prompt = jest.fn();
  const credential = new DeviceCodeCredential({ fetch, userPromptCallback: prompt });
  const asked = credential.getToken("User.Read");
  await jest.advanceTimersByTimeAsync(10_000); // two polls
  expect((await asked).token).toBe("a token");
  expect(prompt.mock.calls[0][0].userCode).toBe("ABCD1234");
  expect(fetch).toHaveBeenCalledTimes(3);
});
