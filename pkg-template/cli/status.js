/** The exit statuses. 130 is what shells report for a program that Ctrl-C ended: 128 + SIGINT. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 };
