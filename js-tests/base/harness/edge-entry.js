import { answer } from "./fetch-entry.js";

addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
