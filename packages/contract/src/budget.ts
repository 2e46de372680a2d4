import { round } from "./units.ts";

/**
 * Error budgets and burn rates (Google SRE workbook, chapter 5, "Alerting on SLOs": multiwindow, multi-burn-rate).
 *
 * A burn rate of 1 spends the whole budget in exactly one period. An alert watches a long window for "enough budget
 * is gone to matter" and a short one, a twelfth as long, for "and it is still going on".
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Severity = "page" | "ticket";

export interface BurnWindow {
  readonly severity: Severity;
  /** Milliseconds. */
  readonly long: number;
  /** Milliseconds, `long / 12`. */
  readonly short: number;
  /** Share of the period's budget that is gone when a steady burn at the threshold has filled the long window. */
  readonly budgetShare: number;
  /** The alert fires when the error ratio of both windows exceeds this. In (0, 1). */
  readonly threshold: number;
  /** `threshold` in burn rates: multiples of the budget. */
  readonly factor: number;
  /** True when the threshold was brought down to the most that an alert may wait for: a quarter of all events for a page, half for a ticket. */
  readonly capped: boolean;
}

/** Long windows for a 28 to 90 day period, with the share of the budget each may cost before it fires. */
const POLICY: readonly { severity: Severity; long: number; budgetShare: number }[] = [
  { severity: "page", long: HOUR, budgetShare: 0.02 },
  { severity: "page", long: 6 * HOUR, budgetShare: 0.05 },
  { severity: "ticket", long: DAY, budgetShare: 0.1 },
  { severity: "ticket", long: 3 * DAY, budgetShare: 0.1 },
];

/** Below four weeks the windows shrink with the period, else the slow ones would not fit into it. */
const FULL_LENGTH_PERIOD = 28 * DAY;
const SHORT_PER_LONG = 12;

/**
 * At a low objective the workbook's factor asks for absurd error ratios (14.4 x 5 % = 72 % of requests), so that a
 * total outage would page only after most of an hour, and at a lower one never. No page waits for more than a quarter
 * of all events to fail, no ticket for more than half.
 */
const CAP: Readonly<Record<Severity, number>> = { page: 0.25, ticket: 0.5 };

/**
 * A service that burns slower than this keeps its promise: 10 % of a 28-day budget in 3 days is a burn rate of 0.93,
 * and would open a ticket each month for an objective that was met.
 */
const LEAST_FACTOR = 1;

/** A page below this burn rate is not urgent: half a period is left to act. */
const LEAST_PAGE_FACTOR = 2;

/** The objective, in percent, from which on a page can be told from ordinary spending under the cap. */
export const LOWEST_PAGING_OBJECTIVE: number = round(100 - (CAP.page / LEAST_PAGE_FACTOR) * 100);

/** Long windows of a period, milliseconds; not whole seconds when the period does not divide. */
function longWindow(long: number, period: number): number {
  return (long * Math.min(period, FULL_LENGTH_PERIOD)) / FULL_LENGTH_PERIOD;
}

/** True when every long and short window of the period is a whole number of seconds. */
export function periodDivides(period: number): boolean {
  return POLICY.every(({ long }) => (longWindow(long, period) / SHORT_PER_LONG) % 1000 === 0);
}

/**
 * The four windows that watch an SLO, fastest first.
 *
 * @param budget allowed share of bad events, in (0, 1)
 * @param period SLO window, milliseconds
 */
export function burnWindows(budget: number, period: number): readonly BurnWindow[] {
  return POLICY.map(({ severity, long: full, budgetShare }) => {
    const long = longWindow(full, period);
    const wanted = (budgetShare * period * budget) / long;
    const capped = wanted > CAP[severity];
    const threshold = round(Math.max(LEAST_FACTOR * budget, capped ? CAP[severity] : wanted));
    return {
      severity,
      long,
      short: long / SHORT_PER_LONG,
      budgetShare: round((threshold * long) / (budget * period)),
      threshold,
      factor: round(threshold / budget),
      capped,
    };
  });
}

/**
 * Milliseconds until a steady share of bad events, beginning now after a clean history, fills both windows past the
 * threshold; `undefined` when it never does.
 */
export function timeToAlert(window: BurnWindow, badRatio: number): number | undefined {
  if (!(badRatio > window.threshold)) return undefined;
  return (window.threshold / badRatio) * window.long;
}

/** Share of the period's budget that `badRatio` spends in `elapsed` milliseconds at even traffic; above 1 when overspent. */
export function budgetSpent(badRatio: number, elapsed: number, budget: number, period: number): number {
  return (badRatio * elapsed) / (budget * period);
}

/** Milliseconds until the remaining share of the budget is gone at a burn rate; `Infinity` when nothing burns. */
export function timeToExhaustion(remaining: number, burnRate: number, period: number): number {
  if (remaining <= 0) return 0;
  return burnRate <= 0 ? Number.POSITIVE_INFINITY : (remaining * period) / burnRate;
}
