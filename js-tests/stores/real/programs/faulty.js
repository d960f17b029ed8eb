// Stores that are out of order.
import { act } from "./act.js";
import { answer, errand } from "./errand.js";

const never = () => new Promise(() => {});
const rejects = async () => {
  throw new Error("the store is out of order");
};
const throws = () => {
  throw new Error("the store is out of order");
};
const holds = (value) => ({ getItem: () => value, setItem() {}, removeItem() {} });
const works = holds(null);

const FAULTS = {
  "hangs when it is read": { ...works, getItem: never },
  "hangs when it is written": { ...works, setItem: never },
  "rejects when it is read": { ...works, getItem: rejects },
  "rejects when it is written": { ...works, setItem: rejects },
  "throws when it is read": { ...works, getItem: throws },
  "throws when it is written": { ...works, setItem: throws },
  forgets: works,
  "holds text": holds("garbage"),
  "holds half of a cache": holds('{"AccessToken":{'),
  "holds a list": holds("[]"),
  "holds a number": holds(7),
  "holds bytes": holds(new Uint8Array([123, 125])),
  "holds a symbol": holds(Symbol("garbage")),
  "holds what somebody else encrypted": holds("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AA.AA.AA"),
};

const { faults, ...rest } = errand();
const outcomes = await Promise.all(
  Object.entries(FAULTS)
    .filter(([fault]) => faults.some((each) => fault.startsWith(each)))
    .map(async ([fault, storage]) => {
      const since = performance.now();
      const outcome = await act(rest, { storage }).catch((error) => ({ error: `${error.stack}` }));
      return [fault, { ...outcome, took: performance.now() - since }];
    }),
);
answer(Object.fromEntries(outcomes));
