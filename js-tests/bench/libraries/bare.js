// The limits: what the same takes with nothing but the runtime.

import { setTimeout as pause } from "node:timers/promises";
import { cpuOfPolls, peakMemory, timeCalls } from "./gauges.js";
import { serve } from "./serve.js";
import { CODE_REQUEST, createService, fetchFrom, POLL } from "./service.js";

async function post(fetch, { url, form }) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded;charset=utf-8",
    },
    body: new URLSearchParams(form).toString(),
  });
  return response.json();
}

async function signIn(fetch) {
  await post(fetch, CODE_REQUEST);
  for (;;) {
    await pause(1000);
    if ((await post(fetch, POLL)).access_token) return;
  }
}

await serve({
  fill() {},
  cached({ milliseconds }) {
    const answer = { token: "a token", expiresOnTimestamp: 0 };
    return timeCalls(milliseconds, { service: createService(), call: async () => answer });
  },
  async polling({ flows, ...how }) {
    const service = createService({ approvesAfter: Number.POSITIVE_INFINITY });
    const fetch = fetchFrom(service);
    for (let at = 0; at < flows; at++) signIn(fetch);
    return cpuOfPolls(how, service.counts);
  },
  async signIn() {
    await signIn(fetchFrom(createService()));
    return peakMemory();
  },
});
