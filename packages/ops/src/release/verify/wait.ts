import type { Signals } from "../../signals/signals.ts";
import { type CompareRules, type Comparison, compare } from "../compare/compare.ts";
import { type GatherScope, gatherMetrics } from "../compare/gather.ts";
import { type WindowOptions, windows } from "./windows.ts";

/** What a look at the two versions needs. */
export interface WaitOptions extends Pick<GatherScope, "service" | "scrapeInterval"> {
  readonly signals: Signals;
  readonly windows: WindowOptions;
  readonly rules: CompareRules;
  /** How long to wait for enough to compare, milliseconds. */
  readonly forMs: number;
  /** Between two counts, milliseconds. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
  /** Hears what is still missing. */
  readonly onWait?: (missing: readonly string[], waitedMs: number) => void;
}

/** The parts of the process that waiting touches. */
export interface WaitClock {
  readonly date: () => Date;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** One look, and the moment of its data. */
export interface Looked {
  readonly comparison: Comparison;
  readonly at: Date;
  readonly waitedMs: number;
}

/**
 * Waits until there is enough to compare, then looks, once. While it waits it asks only how much there is, not how it
 * looks: stopping at the first moment that pleases would be as many looks as there were moments.
 */
export async function waitAndLook(options: WaitOptions, clock: WaitClock): Promise<Looked> {
  const { signal, forMs, everyMs, scrapeInterval } = options;
  const began = clock.now();
  for (;;) {
    signal.throwIfAborted();
    const at = clock.date();
    const waitedMs = clock.now() - began;
    const over = waitedMs >= forMs;
    // Two scrapes make the first difference: before that there is nothing to ask for.
    const age = at.getTime() - options.windows.since.getTime();
    const comparison = age < 2 * scrapeInterval && !over ? undefined : await count(options, at);
    const missing = comparison === undefined ? ["a second scrape"] : lacking(comparison);
    if (comparison !== undefined && (missing.length === 0 || over)) return { comparison, at, waitedMs };
    options.onWait?.(missing, waitedMs);
    await clock.sleep(Math.max(1, Math.min(everyMs, forMs - waitedMs)), signal);
  }
}

async function count(options: WaitOptions, at: Date): Promise<Comparison> {
  const { signals, service, scrapeInterval, signal, rules } = options;
  const sides = windows(options.windows, at);
  // A deploy of this very millisecond has no window yet.
  if (sides.new.span.to <= sides.new.span.from) return compare([], rules);
  return compare(await gatherMetrics({ signals, service, scrapeInterval, signal, ...sides }), rules);
}

/** What must be known and is not: metrics whose declared effect could not be seen yet. */
function lacking({ metrics }: Comparison): string[] {
  const required = metrics.filter((metric) => metric.required);
  if (required.length === 0) return ["anything to compare"];
  return required
    .filter(
      ({ detectable, effect }) => detectable === undefined || effect === undefined || detectable > effect,
    )
    .map(({ name }) => name);
}
