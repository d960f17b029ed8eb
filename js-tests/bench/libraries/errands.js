// What the bench asks of a credential that has the methods of Azure's.

import { GRAPH } from "./accounts.js";
import { cpuOfPolls, peakMemory, timeCalls, weigh } from "./gauges.js";
import { createService } from "./service.js";

/**
 * @param {(service: ReturnType<typeof createService>, prompt?: () => void) => any} create makes a credential that tells its
 *   prompts
 */
export function errandsOf(create) {
  let cached;
  return {
    /** Chooses what `cached` calls. */
    choose(chosen) {
      cached = chosen;
    },
    async fill({ tokens }) {
      const service = createService();
      const credential = create(service);
      for (let at = 0; at < tokens; at++) await credential.getToken(`api://${at}/.default`);
      cached = { service, call: (at) => credential.getToken(`api://${at % tokens}/.default`) };
    },
    cached: ({ milliseconds }) => timeCalls(milliseconds, cached),
    async pending({ count }) {
      const service = createService({ interval: 60, approvesAfter: Number.POSITIVE_INFINITY });
      let prompts = 0;
      const prompt = () => {
        prompts += 1;
      };
      // Held, as a program holds what it signs in with.
      const held = [];
      const begin = () => {
        const credential = create(service, prompt);
        held.push(credential);
        credential.getToken(GRAPH).catch(() => {});
      };
      return weigh(count, begin, () => prompts === count);
    },
    async polling({ flows, ...how }) {
      const service = createService({ approvesAfter: Number.POSITIVE_INFINITY });
      for (let at = 0; at < flows; at++) {
        create(service)
          .getToken(GRAPH)
          .catch(() => {});
      }
      return cpuOfPolls(how, service.counts);
    },
    async callers({ count }) {
      const service = createService({ approvesAfter: 900 });
      let prompts = 0;
      const credential = create(service, () => {
        prompts += 1;
      });
      await Promise.all(Array.from({ length: count }, () => credential.getToken(GRAPH)));
      return { prompts, requests: service.counts.requests };
    },
    async signIn() {
      await create(createService()).getToken(GRAPH);
      return peakMemory();
    },
  };
}
