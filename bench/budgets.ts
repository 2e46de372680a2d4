import type { Spread } from "./harness/stats.ts";

export type Verdict = "met" | "missed" | "unclear";

/** What Seakeep may cost, and what it did cost. */
export interface Budget {
  readonly what: string;
  readonly atMost: number;
  readonly measured: Spread;
  readonly verdict: Verdict;
  readonly format: (value: number) => string;
}

/**
 * Every limit is a ratio within one run, or a count: a time would only say how fast the machine is. They were set
 * before Seakeep was first measured, from a hand-written floor and the peers' own figures.
 */
export const LIMITS = {
  /** Log off: request id, bounded metrics, client address and health may cost this much over the floor with its log. */
  quietOverFloor: 1.05,
  /** Log on: what the floor leaves out (escaping, redaction, security events, aborts) may cost this much over it. */
  defaultOverFloor: 1.1,
  /** Overhead of Seakeep as a share of the overhead of the peers that a user would pick for the same. */
  shareOfPeers: 0.5,
  /** Recording one request, over prom-client's histogram and two counters. */
  record: 0.1,
  /** A scrape of 100 000 series over prom-client's: CPU, and the longest time the event loop is held. */
  scrapeCpu: 0.25,
  scrapeHold: 0.05,
  /** Series that a flood of unmatched paths may add, and heap, MiB. */
  floodSeries: 100,
  floodHeap: 8,
  /** A sealed backup to S3 over a raw `pg_dump` to nowhere: by default, and with more jobs. */
  createOverRaw: 1.25,
  parallelOverRaw: 0.95,
  /** A restore that compares all of it with the manifest, over the best bare `pg_restore`. */
  restoreOverBare: 1.15,
  /** All processes of the command together, each page once, MiB. */
  backupMemory: 128,
} as const;

/** Two copies of one server further apart than this say that the machine was too busy for any verdict. */
export const CONTROL = { low: 0.95, high: 1.05 } as const;

/**
 * Met or missed only when all of the spread says so. With `trusted: false` (the control was off) it is unclear:
 * unknown is never a pass.
 */
export function judge(measured: Spread, atMost: number, trusted = true): Verdict {
  if (!trusted) return "unclear";
  if (measured.high <= atMost) return "met";
  return measured.low > atMost ? "missed" : "unclear";
}

/** As everywhere in Seakeep: 1 when a budget was missed, 3 when it could not be told, 0 when all were met. */
export function exitCode(budgets: readonly Budget[]): 0 | 1 | 3 {
  const verdicts = new Set(budgets.map(({ verdict }) => verdict));
  if (verdicts.has("missed")) return 1;
  return verdicts.has("unclear") || verdicts.size === 0 ? 3 : 0;
}
