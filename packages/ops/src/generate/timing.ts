import { type BurnWindow, burnWindows, formatDuration, SeakeepError } from "@seakeep/contract";
import type { Ops } from "../config/ops.ts";
import { SCRAPES_PER_WINDOW, shortestWindow } from "../config/scrape-interval.ts";

/** Every length of time that generated files contain, milliseconds; shrunk for a rehearsal. */
export interface Timing {
  /** 1 in production, less in a rehearsal. */
  readonly scale: number;
  /** The scale as it was written, such as `1/60`. */
  readonly scaleText: string;
  readonly period: number;
  readonly scrape: number;
  /** Shorter than `scrape`, so that one hanging scrape never meets the next. */
  readonly timeout: number;
  /** Evaluation of the rules that pages depend on. */
  readonly fast: number;
  /** Evaluation of the rules over long windows; also the length of the disjoint counts that those are summed from. */
  readonly slow: number;
  /** A length of time, scaled. */
  readonly span: (ms: number) => number;
  /** The burn-rate windows of an SLO, scaled. */
  readonly burnWindows: (budget: number) => readonly BurnWindow[];
}

const FAST = 30_000;
const SLOW = 300_000;
const LONGEST_TIMEOUT = 10_000;

/** A rehearsal does not scrape or evaluate more often than this: the machine, not the service, would be measured. */
const FLOOR = 1000;

/**
 * The times of a configuration.
 *
 * @param scaleText `"1"`, or a part of it such as `"1/60"`: every window, interval and wait is shortened by it
 * @throws {SeakeepError} `SK-GENERATE-001` when a window would become too short to hold enough scrapes.
 */
export function timing(ops: Ops, scaleText = "1"): Timing {
  const scale = parseScale(scaleText);
  const span = (ms: number) => Math.round(ms * scale);
  const floored = (ms: number) => Math.max(span(ms), Math.min(FLOOR, ms));
  const { window } = ops.service;
  const scrape = floored(ops.prometheus.scrapeInterval);
  if (span(shortestWindow(window)) < SCRAPES_PER_WINDOW * scrape) {
    const least = Math.floor(shortestWindow(window) / (SCRAPES_PER_WINDOW * FLOOR));
    throw new SeakeepError(
      "SK-GENERATE-001",
      `At --scale ${scaleText} the shortest alert window is ${formatDuration(span(shortestWindow(window)))}, ` +
        `which holds fewer than ${SCRAPES_PER_WINDOW} scrapes.`,
      { fix: `Use --scale 1/${least} or a larger part.` },
    );
  }
  return {
    scale,
    scaleText,
    period: span(window),
    scrape,
    timeout: Math.min(LONGEST_TIMEOUT, Math.floor(scrape * 0.9)),
    fast: floored(Math.min(FAST, ops.prometheus.scrapeInterval)),
    slow: floored(SLOW),
    span,
    burnWindows: (budget) =>
      burnWindows(budget, window).map((each) => ({
        ...each,
        long: span(each.long),
        short: span(each.short),
      })),
  };
}

const SCALE = /^(?:1\/(\d+(?:\.\d+)?)|(0?\.\d+|1))$/;

/** Reads `1`, `0.1` or `1/60`; `NaN` when it is none, or not in (0, 1]. */
export function parseScale(text: string): number {
  const [, divisor, decimal] = SCALE.exec(text) ?? [];
  const scale = divisor === undefined ? Number(decimal) : 1 / Number(divisor);
  return scale > 0 && scale <= 1 ? scale : Number.NaN;
}
