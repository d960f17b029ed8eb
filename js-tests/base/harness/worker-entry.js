import { answer } from "./fetch-entry.js";

export default { fetch: answer };
