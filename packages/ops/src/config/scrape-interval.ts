import { burnWindows } from "@seakeep/contract";

/** Scrapes that the shortest window of a burn-rate alert must hold, for a rate that means something. */
export const SCRAPES_PER_WINDOW = 4;

const USUAL = 30_000;

/** The shortest alert window of a service with this SLO period; milliseconds, as the period. */
export function shortestWindow(period: number): number {
  // The lengths of the windows do not depend on the budget.
  return Math.min(...burnWindows(0.01, period).map(({ short }) => short));
}

/** The longest scrape interval that still fills the windows of the period, milliseconds. */
export function longestScrapeInterval(period: number): number {
  return Math.floor(shortestWindow(period) / SCRAPES_PER_WINDOW / 1000) * 1000;
}

/** 30 seconds, or less when the period asks for it. */
export function usualScrapeInterval(period: number): number {
  return Math.min(USUAL, longestScrapeInterval(period));
}
