import type { Severity } from "@seakeep/contract";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Milliseconds that Alertmanager waits for company, until it adds to a notification, and until it repeats one. */
export const PACE: Readonly<Record<Severity, { wait: number; interval: number; repeat: number }>> = {
  page: { wait: 15 * SECOND, interval: MINUTE, repeat: 4 * HOUR },
  ticket: { wait: MINUTE, interval: 15 * MINUTE, repeat: 24 * HOUR },
};
