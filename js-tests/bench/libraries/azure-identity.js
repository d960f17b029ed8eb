// What the bench asks of @azure/identity.

import { createHttpHeaders } from "@azure/core-rest-pipeline";
import { DeviceCodeCredential } from "@azure/identity";
import { CLIENT, TENANT } from "./accounts.js";
import { errandsOf } from "./errands.js";
import { serve } from "./serve.js";
import { fetchFrom } from "./service.js";

function create(service, userPromptCallback = () => {}) {
  const fetch = fetchFrom(service);
  return new DeviceCodeCredential({
    clientId: CLIENT,
    tenantId: TENANT,
    userPromptCallback,
    httpClient: {
      async sendRequest(request) {
        const response = await fetch(request.url, { body: request.body ?? "" });
        const headers = createHttpHeaders(Object.fromEntries(response.headers));
        return { request, status: response.status, headers, bodyAsText: await response.text() };
      },
    },
  });
}

await serve(errandsOf(create));
