/** The exit statuses. Those of signals are what shells report for a program that one ended: 128 and its number. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  mustSignIn: 3,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
};
