// The host's Web Storage.
import { act } from "./act.js";
import { answer, errand } from "./errand.js";

answer({
  ...(await act(errand(), { storage: localStorage })),
  items: Object.fromEntries(
    Array.from({ length: localStorage.length }, (_, n) => localStorage.key(n)).map((key) => [
      key,
      localStorage.getItem(key),
    ]),
  ),
});
