/**
 * The parts of the instrumentation in which a fault can happen. The list is closed, so that each has a counter at zero
 * from the first scrape on and no fault can invent a series. A new part is one more word here.
 */
export const INTERNAL_PARTS = [
  "adapter",
  "audit",
  "exchange",
  "health",
  "log",
  "metrics",
  "registry",
  "sentry",
] as const;

export type InternalPart = (typeof INTERNAL_PARTS)[number];
