// The program of workerd: what it is to do is the request's body.
import { clocks } from "./clocks.js";
import { table } from "./table.js";

export default {
  async fetch(request) {
    const { program, ...input } = await request.json();
    return Response.json(await { clocks, table }[program](input));
  },
};
